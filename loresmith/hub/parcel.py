"""Files on their way to a repository, each with its size and hash, from the disk or made in memory."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loresmith.artifact import hash_file


@dataclass(frozen=True)
class Item:
    """A file to be sent."""

    source: Path | bytes
    """Where it lies, or what it holds."""
    size: int
    """In bytes."""
    sha256: str

    @classmethod
    def of_file(cls, path: Path) -> "Item":
        """The file at `path` as it is now; reads it whole."""
        return cls(path, path.stat().st_size, hash_file(path))

    @classmethod
    def of_text(cls, text: str) -> "Item":
        """A file that holds `text` in UTF-8 and nothing else."""
        raw = text.encode()
        return cls(raw, len(raw), hashlib.sha256(raw).hexdigest())

    def read(self) -> bytes:
        """All of it."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()


@dataclass(frozen=True)
class Parcel:
    """What one push sends."""

    files: Mapping[str, Item]
    """By path in the repository."""
    license: str
    """As the Hub spells it."""
    message: str
    """Of the commit, where the sender gives none."""
    left_behind: Mapping[str, str] = field(default_factory=dict)
    """Files that stay here, with the reason."""

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(item.size for item in self.files.values())

    @property
    def sizes(self) -> dict[str, int]:
        """File to bytes."""
        return {name: item.size for name, item in self.files.items()}
