"""What each place gave to the set, and what the whole came to."""

from loresmith.domains.coverage import Coverage
from loresmith.domains.gathering import Pool
from loresmith.exchange.accounts import Account
from loresmith.exchange.handing_over import Outcome
from loresmith.records import Record


class PlaceAccount(Record):
    """One source at one place; read = kept + dropped, and kept = taken + left over."""

    source: str
    domain: str
    about: str
    place: str
    """Path as given, or the Hub's id."""
    named: str
    """The same without the folders of this machine, for what is passed on."""
    revision: str | None
    license: str
    read: int
    kept: int
    dropped: dict[str, int]
    """Reason to count."""
    notes: dict[str, int]
    """What is missing in questions that were kept."""
    wanted: int
    """Its share of the rows by weight."""
    taken: int
    """Different questions in the set."""
    rows: int
    """Rows in the set; more than `taken` when questions are repeated."""

    @property
    def left_over(self) -> int:
        """Questions that were not drawn."""
        return self.kept - self.taken

    @property
    def repeated(self) -> int:
        """Rows that repeat an earlier one."""
        return self.rows - self.taken


class Prepared(Record):
    """A finished set."""

    outcome: Outcome
    places: tuple[PlaceAccount, ...]
    size: int
    """Rows that were asked for."""
    warnings: tuple[str, ...]
    coverage: Coverage
    licenses: dict[str, str]
    """Source to licence."""
    documents: int
    """Markdown documents in the folder `documents`."""


def warnings_of(places: tuple[PlaceAccount, ...], size: int, max_repeats: int) -> tuple[str, ...]:
    """What did not come out as asked: sources that ran out, questions that repeat, a set that is too small."""
    found = []
    for place in places:
        if place.wanted > place.kept:
            repeats = f"; {place.repeated} rows repeat them" if place.repeated else ""
            found.append(
                f"{place.source} ran out: {place.wanted} were its share, {place.kept} questions are there{repeats}."
            )
    rows = sum(place.rows for place in places)
    if rows < size:
        again = "no question is repeated" if max_repeats == 1 else f"no question stands more than {max_repeats} times"
        found.append(f"The set has {rows} rows, not {size}: {again}.")
    return tuple(found)


def read_account(pool: Pool) -> Account:
    """The account of a place in the form of all conversions."""
    first: dict[str, str] = {}
    for gone in pool.dropped:
        first.setdefault(gone.reason, gone.place)
    return Account(
        source=pool.place.shown,
        split="train",
        format=pool.place.source.name,
        detected=False,
        rows=pool.read,
        dialogues=len(pool.kept),
        turns=sum(len(kept.conversation.turns) if kept.conversation else 2 for kept in pool.kept),
        dropped=pool.reasons,
        first_dropped=first,
        notes=pool.notes,
        columns={},
    )
