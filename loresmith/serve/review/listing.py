"""Which rows a page of the review shows: filters, and a place in the whole list at which the page begins."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from loresmith.review.session import Entry

ROWS_A_PAGE = 25
FAILED = "failed"
VERDICTS = ("undecided", "accept", "edit", "reject")


@dataclass(frozen=True)
class Filter:
    """What is looked for; an empty string takes everything."""

    document: str = ""
    """Its source."""
    kind: str = ""
    form: str = ""
    verdict: str = ""
    exam: str = ""
    """`failed`: what the exam that is marked got wrong."""

    def fits(self, entry: Entry) -> bool:
        """Whether the row belongs to what is looked for."""
        row = entry.row.question
        given = (row.source, row.kind, row.form, entry.verdict, FAILED if entry.failed else "")
        wanted = (self.document, self.kind, self.form, self.verdict, self.exam)
        return all(not want or want == have for want, have in zip(wanted, given, strict=True))


@dataclass(frozen=True)
class Leaf:
    """One page of the list."""

    entries: tuple[Entry, ...]
    matching: int
    """Rows that fit, on all pages."""
    before: int | None
    """Where the page before begins; `None`: this is the first."""
    after: int | None
    """Where the next page begins; `None`: this is the last."""


def leaf_of(entries: Sequence[Entry], wanted: Filter, start: int = 0, size: int = ROWS_A_PAGE) -> Leaf:
    """The first `size` rows that fit, from place `start` of the whole list on.

    Places count all rows, so that a row which is decided, and fits no longer, moves no page.
    """
    fitting = [place for place, entry in enumerate(entries) if wanted.fits(entry)]
    here = [place for place in fitting if place >= start][:size]
    earlier = [place for place in fitting if place < start]
    later = [place for place in fitting if here and place > here[-1]]
    return Leaf(
        entries=tuple(entries[place] for place in here),
        matching=len(fitting),
        before=earlier[-size:][0] if earlier else None,
        after=later[0] if later else None,
    )


def address(wanted: Filter, start: int | None = None) -> str:
    """The address of a page, below the review's own."""
    query = {name: value for name, value in asdict(wanted).items() if value} | ({"start": start} if start else {})
    return f"?{urlencode(query)}"


def choices(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """The values that each filter can take, as they occur."""
    entries = list(entries)
    rows = [entry.row.question for entry in entries]
    return {
        "document": sorted({row.source for row in rows}),
        "kind": sorted({row.kind for row in rows}),
        "form": sorted({row.form for row in rows}),
        "verdict": list(VERDICTS),
        "exam": [FAILED] if any(entry.failed for entry in entries) else [],
    }


def known(wanted: Filter, offered: dict[str, list[str]]) -> Filter:
    """`wanted` without what nothing can fit: an address may be older than the questions."""
    return replace(wanted, **{name: "" for name, value in asdict(wanted).items() if value not in offered[name]})
