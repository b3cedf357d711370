import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from loresmith.export.modelfile import modelfile, surroundings
from loresmith.models.chat import FIXED
from loresmith.models.prompts import Message

ASKED: list[Message] = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "Which valve?"},
    {"role": "assistant", "content": "The relief valve.\nIt opens at 4 bar."},
    {"role": "user", "content": "Why {{ that }}?"},
]
CASE = re.compile(
    r'\{\{ (?:else )?if eq \.Role "(\w+)" \}\}(.*?)\{\{ \.Content \}\}(.*?)(?=\{\{ else if|\{\{ end \}\})', re.S
)


def as_go_would(template: str, messages: Sequence[Message]) -> str:
    """What Go's text/template makes of the one construction that is written: a range over messages, a case by role."""
    body = re.fullmatch(r"\{\{ range \.Messages \}\}(.*\{\{ end \}\})\{\{ end \}\}(.*)", template, re.S)
    assert body is not None
    cases = {role: (before, after) for role, before, after in CASE.findall(body[1])}
    turns = [cases[m["role"]][0] + m["content"] + cases[m["role"]][1] for m in messages]
    return "".join(turns) + body[2]


def template_of(text: str) -> str:
    found = re.search(r'TEMPLATE """(.*?)"""', text, re.S)
    assert found is not None
    return found[1]


def rendered(tokenizer: Any, messages: list[Message]) -> str:
    text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **FIXED)
    return text


def written(tokenizer: Any, end: str) -> str:
    return modelfile(surroundings(tokenizer, end), system="Answer.", stops=(end,), num_ctx=512)


def test_a_chatml_conversation_comes_out_as_from_the_tokenizer(qwen2: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(qwen2)
    template = template_of(written(tokenizer, "<|im_end|>"))
    assert as_go_would(template, ASKED) == rendered(tokenizer, ASKED)


def test_an_answer_that_is_told_may_begin_with_more_than_one_that_is_asked_for(qwen2: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(qwen2)
    tokenizer.chat_template = tokenizer.chat_template.replace(
        "message['content']", "(' ' if message['role'] == 'assistant' else '') + message['content']"
    )
    template = template_of(written(tokenizer, "<|im_end|>"))
    assert as_go_would(template, ASKED) == rendered(tokenizer, ASKED)
    assert template.endswith("<|im_start|>assistant\n")
    assert "assistant\n {{ .Content }}" in template


def test_a_llama_conversation_comes_out_without_the_beginning_that_ollama_adds(llama: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(llama)
    template = template_of(written(tokenizer, "<|eot_id|>"))
    assert "<|begin_of_text|>" + as_go_would(template, ASKED) == rendered(tokenizer, ASKED)


@pytest.mark.parametrize(("name", "end"), [("qwen2_5", "<|im_end|>"), ("llama3_2", "<|eot_id|>")])
def test_the_published_templates_are_derived(shared_data: Path, qwen2: Path, llama: Path, name: str, end: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(qwen2 if name == "qwen2_5" else llama)
    tokenizer.chat_template = (shared_data / "models" / "chat_templates" / f"{name}.jinja").read_text()
    template = template_of(written(tokenizer, end))
    assert (tokenizer.bos_token or "") + as_go_would(template, ASKED) == rendered(tokenizer, ASKED)


@pytest.mark.parametrize(
    "template",
    [
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | upper }}<|im_end|>\n{% endfor %}",
        "{% for m in messages %}{% if not loop.last %}old {% endif %}{{ m.content }}<|im_end|>{% endfor %}",
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}",
        "{% for m in messages %}{{ '{{' }}{{ m.role }}: {{ m.content }}<|im_end|>\n{% endfor %}",
    ],
    ids=["changes the words", "depends on the place", "refuses", "would be read as Go"],
)
def test_a_template_that_does_more_than_surround_messages_is_left_to_ollama(qwen2: Path, template: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(qwen2)
    tokenizer.chat_template = template
    assert surroundings(tokenizer, "<|im_end|>") is None
    assert "TEMPLATE" not in written(tokenizer, "<|im_end|>")


def test_the_modelfile_names_the_merged_file_window_stop_and_system_and_no_adapter(qwen2: Path) -> None:
    text = written(AutoTokenizer.from_pretrained(qwen2), "<|im_end|>")
    assert text.startswith("FROM ./model.gguf\n")
    for line in ('PARAMETER stop "<|im_end|>"', "PARAMETER num_ctx 512", 'SYSTEM """Answer."""'):
        assert line in text.splitlines()
    assert "ADAPTER" not in text
