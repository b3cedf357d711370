"""The tokenizer as GGUF keys: llama.cpp's byte-level BPE (`gpt2`) with its pre-tokenizer named.

What transformers runs is read, not what a file says: the loaded tokenizer is the one that training used. Not covered,
and refused: SentencePiece and WordPiece vocabularies, and splitting patterns that llama.cpp does not know. llama.cpp
applies no Unicode normalisation, and takes a word `</s>` for the end of a text, whatever the file says (Qwen2.5 has it
as a plain word); the parity exam finds questions on which that matters.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.errors import UserError
from loresmith.models.chat import looks_like_control

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
"""enum llama_token_type."""
_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PRE_TOKENIZERS = {_WORDS + r"\p{N}" + _REST: "qwen2", _WORDS + r"\p{N}{1,3}" + _REST: "llama-bpe", "": "gpt-2"}
"""Splitting pattern to llama.cpp's name; none means the pattern of GPT-2 inside the byte level."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything of a tokenizer that a GGUF file holds."""

    pre: str
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]
    bos: int | None
    eos: int
    """The token that ends a turn, so that llama.cpp stops there."""
    pad: int | None
    adds_bos: bool
    chat_template: str


def read(tokenizer: Any, size: int, end_of_turn: int) -> Vocabulary:
    """The vocabulary of a fast transformers tokenizer, filled up to the model's `size` with tokens never used.

    Raises:
        UserError: llama.cpp cannot split text as this tokenizer does, or the tokenizer is larger than the model.
    """
    written = json.loads(tokenizer.backend_tokenizer.to_str())
    pre = _pre_tokenizer(written)
    tokens, types = _tokens(written, size)
    return Vocabulary(
        pre=pre,
        tokens=tokens,
        types=types,
        merges=tuple(merge if isinstance(merge, str) else " ".join(merge) for merge in written["model"]["merges"]),
        bos=tokenizer.bos_token_id,
        eos=end_of_turn,
        pad=tokenizer.pad_token_id,
        adds_bos=_adds_bos(tokenizer),
        chat_template=str(tokenizer.chat_template or ""),
    )


def _pre_tokenizer(written: Mapping[str, Any]) -> str:
    """llama.cpp's name for the way this tokenizer splits text before merging."""
    pre = written.get("pre_tokenizer") or {}
    steps = pre.get("pretokenizers", [pre])
    kinds = [step.get("type") for step in steps]
    patterns = [step["pattern"].get("Regex", "?") for step in steps if step.get("type") == "Split"]
    is_byte_level = written["model"].get("type") == "BPE" and kinds[-1:] == ["ByteLevel"]
    pattern = patterns[0] if patterns else ""
    known = PRE_TOKENIZERS.get(pattern)
    own_pattern = is_byte_level and bool(steps[-1].get("use_regex", True))
    if not is_byte_level or known is None or len(kinds) != len(patterns) + 1 or own_pattern == bool(patterns):
        raise UserError(
            f"The base model's tokenizer ({written['model'].get('type')}, {' + '.join(map(str, kinds))}) splits text "
            "in a way that cannot be exported to GGUF.",
            next_step="Choose a model with the tokenizer of Qwen2, Qwen2.5, Qwen3, Llama 3 or GPT-2.",
        )
    return known


def _tokens(written: Mapping[str, Any], size: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
    tokens = {number: token for token, number in written["model"]["vocab"].items()}
    types = dict.fromkeys(tokens, NORMAL)
    for added in written.get("added_tokens", []):
        tokens[added["id"]] = added["content"]
        types[added["id"]] = CONTROL if added["special"] or looks_like_control(added["content"]) else USER_DEFINED
    if max(tokens) >= size:
        raise UserError(
            f"The tokenizer has tokens up to {max(tokens)}, the model only {size} rows for them.",
            next_step="Fetch the model again; tokenizer and weights do not belong together.",
        )
    everything = range(size)
    return (
        tuple(tokens.get(number, f"[PAD{number}]") for number in everything),
        tuple(types.get(number, UNUSED) for number in everything),
    )


def _adds_bos(tokenizer: Any) -> bool:
    ids = tokenizer("a")["input_ids"]
    return tokenizer.bos_token_id is not None and ids[:1] == [tokenizer.bos_token_id]
