"""Which passages may be found."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Only:
    """A choice of documents; nothing named means all.

    Not covered: dates and languages, which chunks do not carry; where folders stand for them, name the folders.
    """

    documents: tuple[str, ...] = ()
    """Ids of documents, or patterns of their sources such as `physics/*` or `*.pdf`; any of them may hold."""
    but: tuple[str, ...] = ()
    """The same, for documents that are left out."""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.documents and not self.but

    def allows(self, document: str, source: str) -> bool:
        """Whether the document of this id and source may be found."""
        return (not self.documents or _is_named(document, source, self.documents)) and not _is_named(
            document, source, self.but
        )


def _is_named(document: str, source: str, names: tuple[str, ...]) -> bool:
    return any(name in (document, source) or fnmatchcase(source, name) for name in names)
