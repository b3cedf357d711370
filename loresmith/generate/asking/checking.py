"""Checks for which the model is asked once more: which questions, in which calls, and what came of them.

Only questions that pass the cheap checks are asked about, and the judge sees only what passed the round trip. A
question about which no usable reply came falls too: it would be kept unchecked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from loresmith.generate.asking.judge import Judgement
from loresmith.generate.asking.orders import FactOrder
from loresmith.generate.asking.round_trip import RoundTrip
from loresmith.generate.asking.written import CHOOSE, Written
from loresmith.generate.checks import fact_fault, question_fault
from loresmith.generate.languages import LanguageCheck
from loresmith.models.endpoint.completion import AnyRow, Reply
from loresmith.models.endpoint.ledger import Size
from loresmith.models.endpoint.order import Order
from loresmith.progress import Work
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Progress, Question

AT_ONCE = 32
"""Most questions in one call: a chunk of 900 characters says some 8 things, in 4 wordings each."""
QUESTION_BYTES = 90
"""A numbered question in the prompt, with its share of the source for the judge; on the generous side."""

Check = RoundTrip | Judgement


class Asker(Protocol):
    """Who puts orders to the model and keeps the answers."""

    def announce(self, orders: Sequence[Order[Any]]) -> str:
        """One line on the calls to come."""
        ...

    def replies(self, orders: Sequence[Order[AnyRow]]) -> Iterator[tuple[int, Reply[AnyRow]]]:
        """The replies as they come, each with the place of its order."""
        ...

    def kept_reply(self, order: Order[AnyRow]) -> Reply[AnyRow] | None:
        """The reply that lies on the disk; `None` where the model has to be asked."""
        ...

    def line(self) -> str:
        """The running total."""
        ...


class Checking:
    """The checks of one round, in the order of their price."""

    def __init__(self, config: GenerateConfig, written: Written) -> None:
        self._kinds: list[type[RoundTrip] | type[Judgement]] = [
            *([RoundTrip] if config.round_trip else []),
            *([Judgement] if config.judge else []),
        ]
        self._written, self._language = written, LanguageCheck(config.language)
        self._faults: dict[tuple[str, str], str] = {}
        self._asked: Counter[str] = Counter()
        self._passed: Counter[str] = Counter()

    def fault(self, question: Question) -> str | None:
        """Why `question` falls; a choice falls with the wording that it repeats."""
        return self._faults.get((question.fact, question.question.removeprefix(CHOOSE)))

    def account(self) -> dict[str, dict[str, int]]:
        """Questions asked about and passed, by check."""
        return {name: {"asked": asked, "passed": self._passed[name]} for name, asked in self._asked.items()}

    def work(self, chunks: Sequence[Chunk], asker: Asker) -> Work[None]:
        """Put every question that the cheap checks leave to the model, check after check.

        Raises:
            UserError: the budget is reached.
            MachineError: the model does not answer.
        """
        for kind in self._kinds:
            orders = self._orders(kind, chunks)
            yield Progress(stage="generate", done=0, total=len(orders), note=f"{kind.name}: {asker.announce(orders)}")
            taken: dict[int, Reply[Any]] = {}
            for place, reply in asker.replies(orders):
                taken[place] = reply
                note = f"{kind.name}: {asker.line()}"
                yield Progress(stage="generate", done=len(taken), total=len(orders), note=note)
            for place, order in enumerate(orders):
                self._take(order, taken[place])

    def foreseen(self, placed: Sequence[FactOrder], asker: Asker) -> tuple[list[Check], list[Size]]:
        """What the checks will ask: the calls that follow from kept answers, and the largest sizes of the others.

        Asked of a checking of its own, since it takes replies.
        """
        sizes = []
        for order in placed:
            facts = asker.kept_reply(order)
            if facts is None:
                sizes += [size for kind in self._kinds for size in _sizes(kind, order)]
            else:
                self._written.add(order.chunk, facts.rows, order.wish.manner)
        known: list[Check] = []
        for kind in self._kinds:
            orders = self._orders(kind, [order.chunk for order in placed])
            for check in orders:
                if (reply := asker.kept_reply(check)) is not None:
                    self._take(check, reply)
            known += orders
        return known, sizes

    def _orders(self, kind: type[RoundTrip] | type[Judgement], chunks: Sequence[Chunk]) -> list[Check]:
        """The calls of one check, in the order of the chunks; a fact that two chunks give is asked about once."""
        placed: list[Check] = []
        seen: set[str] = set()
        for chunk in chunks:
            rows = [row for row in self._candidates(chunk, seen) if self.fault(row) is None]
            placed += [kind(chunk, tuple(rows[start : start + AT_ONCE])) for start in range(0, len(rows), AT_ONCE)]
        return placed

    def _candidates(self, chunk: Chunk, seen: set[str]) -> Iterator[Question]:
        """The short questions of the chunk that pass the cheap checks."""
        for fact in self._written.facts(chunk):
            if fact.id in seen or fact.quote not in chunk.text or fact_fault(fact) is not None:
                continue
            seen.add(fact.id)
            asked = [row for row in self._written.questions(fact, ()) if row.form == "short"]
            sound = (row for row in asked if question_fault(row) is None)
            yield from (row for row in sound if self._language.fault(row, chunk) is None)

    def _take(self, order: Check, reply: Reply[Any]) -> None:
        for question, fault in zip(order.questions, order.faults(reply), strict=True):
            self._asked[order.name] += 1
            if fault is None:
                self._passed[order.name] += 1
            else:
                self._faults[question.fact, question.question] = fault


def _sizes(kind: type[RoundTrip] | type[Judgement], order: FactOrder) -> Iterator[Size]:
    """The calls about a chunk, if every fact and wording asked for comes and passes."""
    questions = order.facts * order.wordings
    for start in range(0, questions, AT_ONCE):
        count = min(AT_ONCE, questions - start)
        prompt_bytes = len(kind.system.encode()) + len(order.chunk.text.encode()) + QUESTION_BYTES * count
        yield Size(prompt_bytes, kind.room(count))
