"""The review in HTML, from templates that escape every text."""

from pathlib import Path
from typing import Any

from loresmith.review.session import Count, Entry, Review
from loresmith.serve.page.text import place
from loresmith.serve.review.listing import Filter, address, choices, known, leaf_of
from loresmith.templates import templates_in

FOLDER = Path(__file__).parent
CALLED = {"accept": "accepted", "edit": "edited", "reject": "rejected", "undecided": "undecided"}
FORMS = {"short": "short answer", "choice": "multiple choice", "long": "long answer"}


class Drawing:
    """Pages and cards of one review."""

    def __init__(self, review: Review, name: str) -> None:
        """`name` is the project's, as people know it."""
        self._review, self._name = review, name
        environment = templates_in(FOLDER)
        environment.globals.update(called=CALLED, forms=FORMS, place=place)
        self._page, self._card = environment.get_template("page.html"), environment.get_template("card.html")

    def page(self, wanted: Filter, start: int) -> str:
        """One page of cards with the filters above them. Raises as `Review.entries` does."""
        entries, count = self._review.entries(), self._review.count()
        offered = choices(entries)
        wanted = known(wanted, offered)
        leaf = leaf_of(entries, wanted, start)
        return self._page.render(
            name=self._name,
            project=str(self._review.project),
            progress=progress_of(count),
            count=count,
            wanted=wanted,
            offered=offered,
            leaf=leaf,
            before=None if leaf.before is None else address(wanted, leaf.before),
            after=None if leaf.after is None else address(wanted, leaf.after),
            cards=[self._drawn(entry) for entry in leaf.entries],
        )

    def card(self, entry: Entry) -> str:
        """One card."""
        return self._card.render(self._drawn(entry))

    def _drawn(self, entry: Entry) -> dict[str, Any]:
        return {"entry": entry, "passages": self._review.passages(entry.row)}


def progress_of(count: Count) -> str:
    """How far it is, in words."""
    return f"{count.decided:,} of {count.questions:,} decided"
