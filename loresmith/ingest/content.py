"""What a file really is: its first bytes decide, its suffix only where they say nothing."""

from pathlib import Path

from loresmith.errors import Unreadable

_HEAD_BYTES = 1024
_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TEXT = (
    _ZIP, _OLE, b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"MZ", b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"7z\xbc\xaf", b"Rar!", b"GGUF", b"\x00\x00\x00\x00", b"SQLite format 3", b"OggS", b"ID3", b"RIFF",
    b"\xca\xfe\xba\xbe",
)  # fmt: skip
_PACKED = frozenset({".docx", ".pptx", ".xlsx"})
"""Zip archives, unless a password wraps them into an OLE file."""
TEXT_SUFFIXES = frozenset({
    ".md", ".markdown", ".txt", ".text", ".html", ".htm", ".xhtml", ".csv", ".tsv", ".ipynb", ".tex", ".ltx",
})  # fmt: skip


class NotText(Exception):
    """Bytes that are no text; the message is the reason."""


def kind_of(path: Path) -> str:
    """The suffix by which a reader is chosen: the file's own, or that of what its content proves it to be.

    Raises:
        Unreadable: the file is empty, cannot be opened, or holds no text where its name promises it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as fault:
        raise Unreadable(path, f"it cannot be opened ({fault.strerror or fault})") from fault
    suffix = path.suffix.lower()
    if not head:
        raise Unreadable(path, "empty file")
    if _PDF in head and (suffix == ".pdf" or head.lstrip().startswith(_PDF)):
        return ".pdf"
    if suffix in _PACKED and head.startswith(_OLE):
        raise Unreadable(path, f"protected by a password, or an old {suffix[:-1]} under the name {suffix}")
    if suffix in TEXT_SUFFIXES and head.startswith(_NO_TEXT):
        raise Unreadable(path, "binary content, not text")
    return suffix


def text_of_file(path: Path, declared: str | None = None) -> str:
    """The text of the file with plain line ends.

    Raises:
        Unreadable: it holds no text, or nothing but white space.
    """
    from loresmith.ingest.encodings import decoded

    try:
        text = decoded(path.read_bytes(), declared)
    except NotText as fault:
        raise Unreadable(path, str(fault)) from fault
    if not text.strip():
        raise Unreadable(path, "nothing but white space")
    return text
