"""One file of packed tokens: 14 bits of token, 2 bits that say what the token is; the same bytes for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.starter.formats import PAD, chat, later_turn
from training.starter.tasks import Exchange

Packed = NDArray[np.uint16]
PROMPT, ANSWER = 0x4000, 0x8000
TOKEN_MASK = 0x3FFF


def pack_text(tokenizer: Tokenizer, texts: list[str]) -> Packed:
    """Texts one after the other, each begun by the pad token; unmarked, so every token counts fully."""
    start = tokenizer.get_vocab()[PAD]
    pieces = [[start, *encoded.ids] for encoded in tokenizer.encode_batch(texts, add_special_tokens=False)]
    return np.array([token for piece in pieces for token in piece], dtype=np.uint16)


def turns_of(exchange: Exchange) -> list[tuple[str, str]]:
    """The rendered (prompt, answer) of each turn."""
    return [chat(exchange.user, exchange.answer), *(later_turn(asked, answer) for asked, answer in exchange.more)]


def pack_exchanges(tokenizer: Tokenizer, exchanges: list[Exchange]) -> list[Packed]:
    """Each exchange as its own run of tokens, prompt and answer marked."""
    turns = [turns_of(exchange) for exchange in exchanges]
    flat = [part for exchange in turns for turn in exchange for part in turn]
    encoded = iter(tokenizer.encode_batch(flat, add_special_tokens=False))
    packed: list[Packed] = []
    for exchange in turns:
        pieces = [np.array(next(encoded).ids, dtype=np.uint16) | mark for _ in exchange for mark in (PROMPT, ANSWER)]
        packed.append(np.concatenate(pieces))
    return packed


def write(path: Path, packed: Packed) -> None:
    """Write little-endian 16-bit words."""
    path.write_bytes(packed.astype("<u2").tobytes())


def load(path: Path) -> Packed:
    """The words of `path`, mapped, not read."""
    return np.memmap(path, dtype="<u2", mode="r")
