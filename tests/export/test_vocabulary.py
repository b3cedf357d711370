import json
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from loresmith.errors import UserError
from loresmith.export import vocabulary
from loresmith.models import gguf_header


def tokenizer_of(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder)


def test_splitting_patterns_are_named_as_llama_cpp_names_them(qwen2: Path, llama: Path, tiny_model: Path) -> None:
    # loaded by its model's class, the tiny tokenizer would get the pattern of Qwen2 in place of its own
    plain = PreTrainedTokenizerFast(tokenizer_file=str(tiny_model / "tokenizer.json"))
    found = [vocabulary.read(each, 600, 1).pre for each in (tokenizer_of(qwen2), tokenizer_of(llama), plain)]
    assert found == ["qwen2", "llama-bpe", "gpt-2"]


def test_rows_without_a_token_become_tokens_that_are_never_used(qwen2: Path) -> None:
    tokenizer = tokenizer_of(qwen2)
    words = vocabulary.read(tokenizer, 400, 1)
    assert len(words.tokens) == len(words.types) == 400
    assert words.tokens[len(tokenizer) :] == tuple(f"[PAD{n}]" for n in range(len(tokenizer), 400))
    assert set(words.types[len(tokenizer) :]) == {vocabulary.UNUSED}


def test_control_tokens_are_marked_so_that_they_are_not_written_out(llama: Path) -> None:
    words = vocabulary.read(tokenizer_of(llama), 352, 1)
    control = [token for token, kind in zip(words.tokens, words.types, strict=True) if kind == vocabulary.CONTROL]
    assert control == [
        "<|end_of_text|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"
    ]  # fmt: skip


def test_an_added_token_that_only_looks_like_control_is_marked_as_control(qwen2: Path) -> None:
    tokenizer = tokenizer_of(qwen2)
    first = len(tokenizer)
    tokenizer.add_tokens(["<|later|>", "<tool_call>"], special_tokens=False)
    words = vocabulary.read(tokenizer, 352, 1)
    assert words.types[first : first + 2] == (vocabulary.CONTROL, vocabulary.USER_DEFINED)


def test_a_beginning_token_is_asked_for_only_where_the_tokenizer_adds_one(qwen2: Path, llama: Path) -> None:
    assert not vocabulary.read(tokenizer_of(qwen2), 352, 1).adds_bos
    assert vocabulary.read(tokenizer_of(llama), 352, 1).adds_bos


def test_a_tokenizer_larger_than_the_model_is_refused(qwen2: Path) -> None:
    with pytest.raises(UserError, match="only 100 rows"):
        vocabulary.read(tokenizer_of(qwen2), 100, 1)


def test_an_unknown_splitting_pattern_is_refused(qwen2: Path, tmp_path: Path) -> None:
    written = json.loads((qwen2 / "tokenizer.json").read_text())
    written["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = r"\w+"
    (tmp_path / "tokenizer.json").write_text(json.dumps(written))
    (tmp_path / "tokenizer_config.json").write_text((qwen2 / "tokenizer_config.json").read_text())
    with pytest.raises(UserError, match="splits text"):
        vocabulary.read(tokenizer_of(tmp_path), 352, 1)


def test_a_sentencepiece_tokenizer_is_refused(shared_data: Path) -> None:
    with pytest.raises(UserError, match="Llama 3"):
        vocabulary.read(tokenizer_of(shared_data / "models" / "llama_story_hf"), 2048, 2)


def test_the_qwen_vocabulary_is_that_of_llama_cpp_own_file(shared_data: Path) -> None:
    models = shared_data / "models"
    words = vocabulary.read(tokenizer_of(models / "qwen2.5_0.5b_instruct_meta"), 151936, 151645)
    theirs = gguf_header.read(models / "gguf_vocab" / "ggml-vocab-qwen2.gguf")
    assert words.pre == "qwen2"
    assert words.merges == theirs.keys["tokenizer.ggml.merges"]
    assert words.tokens[:151643] == theirs.tokens[:151643]
    assert words.tokens[151659:151661] == ("<|fim_prefix|>", "<|fim_middle|>")
    assert words.types[151657:151660] == (vocabulary.USER_DEFINED, vocabulary.USER_DEFINED, vocabulary.CONTROL)
