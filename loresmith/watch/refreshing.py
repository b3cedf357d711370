"""The champion answers from the documents as they are now, before anything is trained.

A version never changes, so the champion with a current index is a version of its own: the adapter, the examination and
the file of the old one, and documents, passages and index made anew, in which nothing of a withdrawn document is left.
It needs no gate, since nothing was learned. Older versions keep their old index; `loresmith registry prune` removes
them, and a rollback to one of them brings back what it knew.
"""

from loresmith import artifact
from loresmith.errors import UserError
from loresmith.pipeline import Project, run, run_one, stage
from loresmith.progress import Work
from loresmith.registry import CHAMPION, Registry
from loresmith.watch.places import Places
from loresmith.watch.staging import FROM_CHAMPION, finished_parts, staged

CURRENT = ("ingest", "chunk", "index")


def reindex(project: Project) -> Work[str]:
    """Make documents, passages and index of `project` current; the content hash of the index.

    Raises:
        UserError: there is nothing to read, or no passage is left.
    """
    if project.recipe.index.tune:  # its weight is chosen on questions, which come first then
        yield from run(project, until="index")
    else:
        yield from run(project, until="chunk")
        yield from run_one(project, "index")
    return artifact.read(project.path / stage("index").folder, made_by="index").manifest.content


def refresh(project: Project, book: Registry, places: Places, label: str) -> Work[int | None]:
    """Put the current index of `project` beside what the champion learned, and make that the champion; its number.

    `None` where there is no champion, or its index is current. `label` says once and for all which refresh it is: a
    version that a killed attempt added under it is not added again.

    Raises:
        UserError: another has become champion meanwhile, or the new version cannot serve.
    """
    number = added_as(book, label)
    champion = book.alias(CHAMPION)
    if number is None:
        index = artifact.read(project.path / stage("index").folder, made_by="index")
        if champion is None or book.entry(champion).version.parts["index"].content == index.manifest.content:
            return None
        parts = finished_parts(book.folder(champion), FROM_CHAMPION) | finished_parts(project.path, CURRENT)
        number = (yield from book.add(staged(project, places.work / "refreshed", parts), reason=label)).number
    if not any(event.action == "promote" for event in book.events(number)):
        if broken := (yield from book.verify([number])):
            raise UserError(
                f"Version {number} cannot serve: {broken[0].path}: {broken[0].problem}.",
                next_step="Look at the disk; the champion stays in place.",
            )
        book.promote(number, instead_of=champion, reason=label)
    return number


def added_as(book: Registry, label: str) -> int | None:
    """The version that was added for that reason, if one was."""
    return next((event.version for event in book.events() if event.action == "add" and event.reason == label), None)
