"""The list and the view of one document in HTML, from templates that escape every text."""

from dataclasses import dataclass
from pathlib import Path

from loresmith.serve.documents.address import address
from loresmith.serve.documents.leaves import Leaf, leaves_of
from loresmith.serve.documents.marking import drawn, holds
from loresmith.serve.documents.names import SUFFIXES
from loresmith.serve.documents.outline import Outline, outline_of
from loresmith.serve.documents.shelf import Entry, Standing
from loresmith.templates import templates_in

FOLDER = Path(__file__).parent


class Drawing:
    """Pages about the documents of a project."""

    def __init__(self) -> None:
        environment = templates_in(FOLDER)
        environment.globals.update(address=address)
        self._list, self._view = environment.get_template("list.html"), environment.get_template("view.html")

    def list(self, name: str, standing: Standing, upload_megabytes: int) -> str:
        """Every document, and what was set aside; with 0 megabytes nothing can be uploaded."""
        return self._list.render(
            name=name, entries=standing.entries, left=standing.left, megabytes=upload_megabytes, suffixes=SUFFIXES
        )

    def view(self, entry: Entry, text: str, passage: "Passage", original: str | None) -> str:
        """The leaf of `entry` on which `passage` stands, the passage marked; `original` names its file's kind."""
        leaves = leaves_of(text, entry.pages is not None)
        leaf = leaf_with(leaves, passage)
        above = text[leaf.start : max(passage.start or 0, leaf.start)]
        shown = drawn(leaf.lead + leaf.text, passage.quote, above)
        return self._view.render(
            entry=entry,
            leaf=leaf,
            leaves=len(leaves),
            html=shown.html,
            is_missed=bool(passage.quote) and not shown.is_found,
            quote=passage.quote,
            original=original,
            outline=outline_of(text),
            places=_places(text, entry.outline, leaves),
        )


@dataclass(frozen=True)
class Passage:
    """What is looked for in a document: words, and where they are thought to be."""

    quote: str = ""
    page: int | None = None
    leaf: int | None = None
    start: int | None = None
    """Offset in the document's text at which its chunk begins."""


def leaf_with(leaves: "list[Leaf]", passage: Passage) -> Leaf:
    """The leaf that was asked for; else the one at or after the place named that holds the words; else that place."""
    if passage.leaf is not None:
        return leaves[min(max(passage.leaf, 1), len(leaves)) - 1]
    first = 0
    if passage.start is not None:
        first = max((place for place, leaf in enumerate(leaves) if leaf.start <= passage.start), default=0)
    elif passage.page is not None:
        first = next((place for place, leaf in enumerate(leaves) if leaf.page == passage.page), 0)
    if not passage.quote:
        return leaves[first]
    order = [*leaves[first:], *leaves[:first]]
    return next((leaf for leaf in order if holds(leaf.text, passage.quote)), leaves[first])


def _places(text: str, outline: Outline, leaves: "list[Leaf]") -> "list[tuple[int, str, int]]":
    """Each heading with its level and the leaf that it stands on."""
    found, at = [], 0
    for heading in outline.headings:
        place = text.find(heading.text, at)
        at = place if place >= 0 else at
        number = max((leaf.number for leaf in leaves if leaf.start <= at), default=1)
        found.append((heading.level, heading.text, number))
    return found
