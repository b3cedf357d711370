"""The published vocabularies of Qwen2.5 and Llama 3.2 in exported files, token for token against transformers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loresmith.export import shipping
from loresmith.models import gguf_header, locate, prompts
from loresmith.models.gguf import GgufModel
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.lora_weights import NO_UPDATE
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings

BETWEEN = "\n__ggml_vocab_test__\n"
TEXTS = [
    "The loss is $\\mathcal{L}(\\theta) = -\\sum_{t=1}^{T} \\log p_\\theta(x_t \\mid x_{<t})$, see eq. (12).",
    "def f(x: int) -> int:\n\treturn x ** 2  # 3.14159\n\n\nprint(f(1024))\n",
    "| rank | alpha |\n|---:|---:|\n| 16 | 32 |\n",
    "Größe naïve façade Ångström — “quoted” … ½ ﬁne",
    "Привет, мир! 你好,世界。 こんにちは世界 안녕하세요 مرحبا بالعالم नमस्ते",
    "👩‍🔬🚀 \u200b\ufeff\u00a0end",
    "  leading, trailing  \r\n\r\nand   runs\t\tof white space   ",
    "I'LL they've DON'T we're 'Twas 12345678901234567890",
    "a <|im_start|>system text <|eot_id|> <|begin_of_text|> <|fim_prefix|> <tool_call>",
]
TINY = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 32,
}  # fmt: skip


class Words:
    """A file with a published vocabulary, the same words in transformers, and texts with llama.cpp's own ids."""

    def __init__(self, base: Path, published: Path) -> None:
        settings = ExportSettings(model=ModelConfig(base=str(base)), export=ExportConfig(quantization="q8_0"))
        path = base / "model.gguf"
        for _ in shipping.write(shipping.prepare(settings, NO_UPDATE, base), path):
            pass
        self.model: LanguageModel = open_model(locate.find(str(base)), "float32")
        self.file = GgufModel(path)
        asked = published.with_suffix(".gguf.inp").read_text(encoding="utf-8").split(BETWEEN)
        told = published.with_suffix(".gguf.out").read_text(encoding="utf-8").split("\n")
        self.published = [
            (text, [int(number) for number in ids.split()]) for text, ids in zip(asked, told, strict=False)
        ]


@pytest.fixture(scope="module")
def qwen(shared_data: Path, tmp_path_factory: pytest.TempPathFactory, save_base: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("qwen")
    for name in ("vocab.json", "merges.txt", "tokenizer_config.json"):
        (folder / name).write_bytes((shared_data / "models" / "qwen2.5_0.5b_instruct_meta" / name).read_bytes())
    return save_base(folder, "qwen2", vocab_size=151936, **TINY)


@pytest.fixture(scope="module")
def llama3(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory, save_base: Callable[..., Path], llama: Path
) -> Path:
    """The tokenizer put together from the published words, merges and control tokens."""
    folder, models = tmp_path_factory.mktemp("llama3"), shared_data / "models"
    header = gguf_header.read(models / "gguf_vocab" / "ggml-vocab-llama-bpe.gguf")
    settings = json.loads((models / "llama3.2_3b_instruct_adapter" / "tokenizer_config.json").read_text())
    written = json.loads((llama / "tokenizer.json").read_text(encoding="utf-8"))
    special = settings["added_tokens_decoder"]
    written["model"]["vocab"] = {word: n for n, word in enumerate(header.tokens) if str(n) not in special}
    written["model"]["merges"] = [merge.split(" ") for merge in header.keys["tokenizer.ggml.merges"]]
    written["added_tokens"] = [{"id": int(number), **token} for number, token in special.items()]
    for token in written["post_processor"]["special_tokens"].values():
        token["ids"] = [128000]
    (folder / "tokenizer.json").write_text(json.dumps(written), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "chat_template.jinja").write_bytes((models / "chat_templates" / "llama3_2.jinja").read_bytes())
    return save_base(folder, "llama", vocab_size=128256, **TINY)


@pytest.fixture(scope="module", params=["qwen", "llama3"])
def words(request: pytest.FixtureRequest, shared_data: Path) -> Iterator[Words]:
    name = {"qwen": "qwen2", "llama3": "llama-bpe"}[request.param]
    made = Words(
        request.getfixturevalue(request.param), shared_data / "models" / "gguf_vocab" / f"ggml-vocab-{name}.gguf"
    )
    yield made
    made.file.close()


def test_varied_texts_have_the_ids_that_transformers_gives_them(words: Words) -> None:
    for text in [*TEXTS, *(text for text, _ in words.published)]:
        assert words.file.encode_reply(text) == words.model.encode_reply(text), text


def test_the_ids_are_those_that_llama_cpp_publishes_for_its_own_vocabulary(words: Words) -> None:
    assert len(words.published) > 40
    for text, ids in words.published:
        assert words.file.encode_reply(text)[:-1] == ids, text


def test_chat_prompts_of_the_published_templates_have_the_same_ids(words: Words) -> None:
    for text in TEXTS:
        asked = prompts.short(text, "[1] The relief valve opens at 4 bar.")
        assert words.file.encode(asked) == words.model.encode(asked), text


def test_only_text_that_is_not_composed_differs_for_qwen(words: Words) -> None:
    """Qwen composes its text (NFC) before it splits it; llama.cpp does not."""
    composed, apart = "Ang\u00e9la", "Ange\u0301la"
    assert words.file.encode_reply(composed) == words.model.encode_reply(composed)
    same = words.file.encode_reply(apart) == words.model.encode_reply(apart)
    assert same == (words.file.turn is not None and words.file.turn.end == 128009)


def test_a_turn_ends_with_the_published_token(words: Words) -> None:
    assert words.file.turn is not None
    assert words.file.turn == words.model.turn
    assert words.file.turn.end in (151645, 128009)  # <|im_end|>, <|eot_id|>
