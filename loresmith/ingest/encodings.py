"""Bytes to text: byte-order marks, UTF-8, UTF-16 without a mark, and Windows-1252 as the last resort."""

import codecs
import unicodedata
from collections import Counter

from loresmith.ingest.content import NotText

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAX_CONTROL_SHARE = 0.005
"""Share of control characters above which bytes are no text; texts have none but tab, line and form feed."""
_LAYOUT_CHARACTERS = frozenset("\t\n\r\f\v\x1b")


def decoded(raw: bytes, declared: str | None = None) -> str:
    """The text of `raw` with plain line ends; `declared` is an encoding that the file itself names.

    Raises:
        NotText: the bytes are no text in any of the encodings.
    """
    text = _decoded(raw, declared)
    controls = sum(count for char, count in Counter(text).items() if _is_control(char))
    if controls > _MAX_CONTROL_SHARE * len(text):
        raise NotText("binary content, not text")
    kept = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    return "".join(char for char in kept if not _is_control(char)) if controls else kept


def _decoded(raw: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as fault:
                raise NotText(f"it begins like {encoding} text, but is none") from fault
    wide = _wide_encoding(raw)
    for encoding in filter(None, (wide, declared, "utf-8")):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("cp1252", errors="replace").replace("\ufffd", "\x00")  # five bytes have no meaning: as controls


def _wide_encoding(raw: bytes) -> str | None:
    """UTF-16 without a mark: in Latin text every second byte is zero."""
    head = raw[:4096]
    if len(head) < 8 or not head.count(0):
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head[1::2]) and even < 0.05 * len(head):
        return "utf-16-le"
    if even > 0.4 * len(head[::2]) and odd < 0.05 * len(head):
        return "utf-16-be"
    return None


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" and char not in _LAYOUT_CHARACTERS
