"""What a GGUF file says about itself, read from its first bytes without llama.cpp. Light: no numpy, no gguf.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith.errors import UserError

MAGIC = b"GGUF"
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
CONTROL = 3
# A damaged count must not start a loop of 2^60 rounds; real files have below a hundred keys.
MOST_KEYS = 100_000


@dataclass(frozen=True)
class GgufHeader:
    """The keys of a file; arrays of strings as tuples."""

    keys: dict[str, Any]

    @property
    def context_length(self) -> int:
        """Tokens that the model was made for; 0 where the file does not say."""
        return int(self.keys.get(f"{self.keys.get('general.architecture')}.context_length", 0))

    @property
    def chat_template(self) -> str:
        """Jinja; empty for a base model."""
        return str(self.keys.get("tokenizer.chat_template", ""))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The vocabulary, spelled as the file spells it."""
        return tuple(self.keys.get("tokenizer.ggml.tokens", ()))

    @property
    def plain_token(self) -> int:
        """A token of whole characters: the letter a, which every byte-level vocabulary has."""
        return self.tokens.index("a") if "a" in self.tokens else 0

    @property
    def is_byte_level(self) -> bool:
        """Whether the pieces of the vocabulary are bytes as they stand in a text; those of SentencePiece are not."""
        return bool(self.keys.get("tokenizer.ggml.model") == "gpt2")

    @property
    def control_tokens(self) -> dict[int, str]:
        """Tokens that steer the model and are no text."""
        types = self.keys.get("tokenizer.ggml.token_type", ())
        return {n: token for n, (token, kind) in enumerate(zip(self.tokens, types, strict=False)) if kind == CONTROL}

    @property
    def eos(self) -> int | None:
        """The token that ends an answer."""
        return self.keys.get("tokenizer.ggml.eos_token_id")

    @property
    def bos(self) -> int | None:
        """The token put before a text, where the file asks for one."""
        adds = self.keys.get("tokenizer.ggml.add_bos_token", False)
        return self.keys.get("tokenizer.ggml.bos_token_id") if adds else None


def read(path: Path) -> GgufHeader:
    """The header of the GGUF file `path`.

    Raises:
        UserError: the file is missing, cut off, or no GGUF.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
            return GgufHeader(_Reader(raw).keys())
    except (OSError, ValueError, KeyError, struct.error, UnicodeDecodeError) as fault:
        raise UserError(
            f"{path} is no GGUF file that can be read: {fault}.", next_step="Export or fetch it again."
        ) from fault


class _Reader:
    """Walks the header once."""

    def __init__(self, raw: mmap.mmap) -> None:
        self.raw, self.at = raw, 0

    def keys(self) -> dict[str, Any]:
        if self.raw[:4] != MAGIC:
            raise ValueError("it does not begin with GGUF")
        self.at = 4
        version, _, count = self._unpack("IQQ")
        if version not in (2, 3) or count > MOST_KEYS:
            raise ValueError(f"version {version} with {count} keys")
        found = {}
        for _ in range(count):
            key = self._string()
            found[key] = self._value(self._unpack("I")[0])
        return found

    def _value(self, kind: int) -> Any:
        if kind == STRING:
            return self._string()
        if kind != ARRAY:
            return self._unpack(SCALARS[kind])[0]
        inner, length = self._unpack("IQ")
        if length > len(self.raw):
            raise ValueError(f"an array of {length} entries")
        if inner == STRING:
            return tuple(self._string() for _ in range(length))
        if inner == ARRAY:
            raise ValueError("an array of arrays")
        return self._unpack(f"{length}{SCALARS[inner]}")

    def _string(self) -> str:
        (length,) = self._unpack("Q")
        if self.at + length > len(self.raw):
            raise ValueError("it is cut off")
        self.at += length
        return self.raw[self.at - length : self.at].decode("utf-8")

    def _unpack(self, form: str) -> tuple[Any, ...]:
        form = "<" + form
        values = struct.unpack_from(form, self.raw, self.at)
        self.at += struct.calcsize(form)
        return values
