"""What every source becomes before it is worded, and how a converter says what it could not use."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from loresmith.exchange.dialogue import Dialogue, Dropped, Refused
from loresmith.exchange.files import Portion
from loresmith.exchange.row_format import Content
from loresmith.records import Record


class DomainQuestion(Record):
    """One question with all that can be shown beside it."""

    place: str
    """File and line or row, or the Hub's id and row."""
    question: str
    answer: str
    options: tuple[str, ...] = ()
    """In any order; `answer` is one of them. Empty where the source has none."""
    evidence: str = ""
    """Text that tells the answer."""
    topic: str = ""
    needs: Literal["", "options", "evidence"] = ""
    """What must be shown, since the question means nothing without it."""
    note: str = ""
    """What is missing or was changed."""
    conversation: Dialogue | None = None
    """Turns to be taken as they are; `question` and `answer` are then the first and the last of them."""


Found = DomainQuestion | Dropped
FromRows = Callable[[Portion], Iterator[Found]]
"""A converter of rows: each row gives a question at least, or the reason why not."""


def each(read: Callable[[Content], Iterable[DomainQuestion]]) -> FromRows:
    """A converter that reads row after row; `Refused` becomes the reason of that row."""

    def convert(portion: Portion) -> Iterator[Found]:
        for row in portion.rows:
            try:
                for question in read(row.content):
                    yield question.model_copy(update={"place": row.place})
            except Refused as reason:
                yield Dropped(place=row.place, reason=str(reason))

    return convert
