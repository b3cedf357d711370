"""Any source as dialogues, with the account of how they came about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from loresmith.errors import LoresmithError, NothingKept, UserError
from loresmith.exchange.accounts import Account, Ledger
from loresmith.exchange.dialogue import Dialogue, Dropped, Refused, Said, fault_of
from loresmith.exchange.exams import comes_from_exam
from loresmith.exchange.files import Portion, Row, portions
from loresmith.exchange.formats import FORMATS, READABLE, claimant, detect
from loresmith.exchange.oasst import OASST, is_message, trees
from loresmith.exchange.preference import PREFERENCE
from loresmith.exchange.row_format import RowFormat

ID_COLUMNS = ("id", "message_tree_id", "question_id", "uuid")


@dataclass(frozen=True)
class Collection:
    """Dialogues by split, and how they came about."""

    splits: dict[str, list[Dialogue]]
    accounts: tuple[Account, ...]
    dropped: tuple[Dropped, ...]
    is_exam: bool = False
    """Whether the rows are held out, whatever their splits are called."""

    @property
    def dialogues(self) -> list[Dialogue]:
        """All of them, split after split."""
        return [dialogue for split in self.splits.values() for dialogue in split]


def read(source: Path, form: str | None = None) -> Collection:
    """The dialogues of a file or folder; each file's format is found out unless `form` names it.

    Raises:
        UserError: the source is damaged or in no known format.
    """
    if form is not None and form not in READABLE:
        raise UserError(f"There is no format {form!r} to read.", next_step=f"Choose one of {', '.join(READABLE)}.")
    return replace(collected(portions(source), form), is_exam=comes_from_exam(source))


def collected(found: Iterable[Portion], form: str | None = None) -> Collection:
    """The dialogues of rows that are at hand already.

    Raises:
        UserError: a portion is empty, or its rows are in no known format.
    """
    splits: dict[str, list[Dialogue]] = {}
    accounts, dropped = [], []
    for portion in found:
        if not portion.rows:
            raise UserError(f"{portion.path} holds no rows.", next_step="Remove the empty file, or fill it.")
        chosen = FORMATS[form] if form else detect([row.content for row in portion.rows], str(portion.path))
        ledger = _read_portion(portion, chosen)
        splits.setdefault(portion.split, []).extend(ledger.kept)
        accounts.append(ledger.account(str(portion.path), portion.split, len(portion.rows), detected=form is None))
        dropped.extend(ledger.dropped)
    return Collection({name: kept for name, kept in splits.items() if kept}, tuple(accounts), tuple(dropped))


def require_some(collection: Collection, source: Path) -> None:
    """Nothing, when there is a dialogue.

    Raises:
        NothingKept: every row was dropped, or there are none; names the first reason and where it applied.
    """
    if collection.splits:
        return
    if not collection.dropped:
        raise NothingKept(f"{source} holds no rows.", next_step="Give a source that is not empty.")
    first = collection.dropped[0]
    raise NothingKept(
        f"None of the rows of {source} can be learned from. The first, {first.place}: {first.reason}.",
        next_step=f"See every reason with `loresmith dataset inspect {source}`.",
    )


def _read_portion(portion: Portion, form: RowFormat) -> Ledger:
    ledger = Ledger(form)
    rows = [(row, ledger.aside(row.content)) for row in portion.rows]
    if form is OASST:
        grown, lost = trees(row for row in portion.rows if is_message(row.content))
        ledger.dropped.extend(lost)
        rows = [(row, beside) for row, beside in rows if not is_message(row.content)]
        # the columns are those of messages, not of the trees made from them
        rows += [(Row(f"{portion.path}, tree {tree['message_tree_id']}", tree), {}) for tree in grown]
    for number, (row, beside) in enumerate(rows, 1):
        _read_row(row, form, ledger, f"{portion.path.stem}-{number}", beside)
    return ledger


def _read_row(row: Row, form: RowFormat, ledger: Ledger, spare_id: str, aside: dict[str, str]) -> None:
    if PREFERENCE.claims(row.content):
        form = PREFERENCE  # whatever the others are, two compared answers are not one to learn
    kept, before = len(ledger.kept), len(ledger.kept) + len(ledger.dropped)
    notes: list[str] = []
    try:
        for number, said in enumerate(_said(row, form)):
            notes.extend(said.notes)
            if (fault := fault_of(said.turns)) is not None:
                ledger.dropped.append(Dropped(place=row.place, reason=fault))
                continue
            name = next((str(row.content[key]) for key in ID_COLUMNS if row.content.get(key)), spare_id)
            ledger.kept.append(_dialogue(said, name if number == 0 else f"{name}-{number}", aside))
    except Refused as reason:
        ledger.dropped.append(Dropped(place=row.place, reason=str(reason)))
    except RecursionError:  # the interpreter's 1000 frames: replies below replies, objects within objects
        ledger.dropped.append(Dropped(place=row.place, reason="it is nested too deeply to be read"))
    if len(ledger.kept) > kept:
        ledger.note(notes)
    if len(ledger.kept) + len(ledger.dropped) == before:
        raise LoresmithError(
            f"{row.place} was neither kept nor dropped.",
            next_step="This is a bug of Loresmith: please report it with that row.",
        )


def _said(row: Row, form: RowFormat) -> Iterator[Said]:
    if not form.claims(row.content):
        other = claimant(row.content)
        what = f"a row of {other.name}" if other else f"columns {', '.join(map(str, row.content)) or 'none'}"
        raise Refused(f"no row of {form.name}: {what}")
    yield from form.read(row.content)


def _dialogue(said: Said, name: str, aside: dict[str, str]) -> Dialogue:
    return Dialogue(
        id=name, system=said.system, turns=said.turns, tools=said.tools, contexts=said.contexts, aside=aside
    )
