import json
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from loresmith.export.modelfile import modelfile, surroundings
from loresmith.publish.ollama import hub_files, pointed_at
from tests.export.conftest import CHATML, LLAMA3_SPLIT, LLAMA3_TEMPLATE, QWEN2_SPLIT, save_tokenizer
from tests.export.test_modelfile import ASKED, as_go_would, rendered

CHATML_WORDS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LLAMA_WORDS = ["<|end_of_text|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]


@pytest.fixture(params=["chatml", "llama3"])
def tokenizer(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "chatml":
        save_tokenizer(tmp_path, split=QWEN2_SPLIT, special=CHATML_WORDS, template=CHATML, bos=None, end="<|im_end|>")
    else:
        save_tokenizer(
            tmp_path, split=LLAMA3_SPLIT, special=LLAMA_WORDS, template=LLAMA3_TEMPLATE, bos="<|begin_of_text|>",
            end="<|eot_id|>",
        )  # fmt: skip
    return AutoTokenizer.from_pretrained(tmp_path)


def written(tokenizer: Any, system: str = "Answer.") -> str:
    end = str(tokenizer.eos_token)
    return modelfile(surroundings(tokenizer, end), system=system, stops=(end,), num_ctx=512)


def test_the_template_renders_conversations_as_the_tokenizer_does(tokenizer: Any) -> None:
    """Ollama puts the beginning token first by itself."""
    template = hub_files(written(tokenizer))["template"]
    assert (tokenizer.bos_token or "") + as_go_would(template, ASKED) == rendered(tokenizer, ASKED)


def test_all_three_files_say_what_the_modelfile_says_and_nothing_after_it(tokenizer: Any) -> None:
    system = 'Say "yes".\nPARAMETER stop "x"\n  '
    text = written(tokenizer, system)
    files = hub_files(text)
    assert sorted(files) == ["params", "system", "template"]
    assert files["system"] == system
    assert f'TEMPLATE """{files["template"]}"""\n' in text
    assert json.loads(files["params"]) == {"stop": [tokenizer.eos_token], "num_ctx": 512, "temperature": 0}


def test_without_a_template_ollama_is_left_to_choose_one() -> None:
    text = modelfile(None, system="Answer.", stops=("a", "b"), num_ctx=2048)
    files = hub_files(text)
    assert sorted(files) == ["params", "system"]
    assert json.loads(files["params"])["stop"] == ["a", "b"]


def test_the_modelfile_points_at_the_file_as_it_is_called_on_the_hub() -> None:
    text = modelfile(None, system="FROM here", stops=("a",), num_ctx=256)
    assert pointed_at(text, "pumps-Q4_K_M.gguf") == text.replace("FROM ./model.gguf", "FROM ./pumps-Q4_K_M.gguf")
