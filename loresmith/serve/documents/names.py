"""Names under which files may come in: one plain file name of a kind that a reader knows."""

import unicodedata

from loresmith import plugins
from loresmith.errors import UserError

LONGEST_NAME = 120
"""Characters; file systems take 255 bytes, and a letter may have four."""
SUFFIXES = (
    ".pdf", ".docx", ".pptx", ".xlsx", ".epub", ".md", ".markdown", ".txt", ".html", ".htm", ".csv", ".tsv", ".ipynb",
    ".tex",
)  # fmt: skip
"""What the built-in readers read; more with plug-ins."""
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(1, 10))}
STRANGE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Characters that nobody sees, or that turn the line around."""


def accepted(name: str) -> str:
    """`name` in its one spelling.

    Raises:
        UserError: it is no plain file name, or of a kind that nothing here reads.
    """
    plain = unicodedata.normalize("NFC", name).strip()
    wrong = _fault(plain)
    if wrong:
        raise UserError(f"The name {_shown(name)} {wrong}.", next_step="Rename the file and send it again.")
    suffix = f".{plain.rpartition('.')[2].lower()}"
    if suffix not in SUFFIXES and not _has_plug_in(suffix):
        raise UserError(
            f"Files of the kind {_shown(suffix)} are not read here.", next_step=f"Send one of {' '.join(SUFFIXES)}."
        )
    return plain


def _fault(name: str) -> str:
    if not name:
        return "is empty"
    if len(name) > LONGEST_NAME:
        return f"has {len(name)} characters, and {LONGEST_NAME} are allowed"
    if any(letter in '/\\:*?"<>|' for letter in name):
        return "holds a sign that no file name may hold"
    if any(unicodedata.category(letter) in STRANGE for letter in name):
        return "holds a character that cannot be seen"
    if name.startswith((".", "~$")) or name.endswith("."):
        return "begins or ends in a way that hides a file"
    if "." not in name:
        return "has no suffix, which would tell the kind of file"
    if name.partition(".")[0].strip().lower() in RESERVED:
        return "means a device on some systems"
    return ""


def _has_plug_in(suffix: str) -> bool:
    """Whether a reader that somebody installed beside the built-in ones knows the suffix."""
    own = [point for point in plugins.found(plugins.READERS).values() if not point.value.startswith("loresmith.")]
    return any(suffix in getattr(point.load(), "suffixes", ()) for point in own)


def _shown(name: str) -> str:
    """The name for an error: short, and every strange character spelt out."""
    return ascii(name if len(name) <= 60 else f"{name[:60]}…")
