"""Whether training already knows an exam question: exactly, nearly, or by a long run of words.

Recall asks trained facts again, so their words are known by design; only the question itself must be new. Transfer
must share neither a question nor a run of `ngram` words, in question or quote, with anything that is trained. A
question without an answer must only be new itself: its quote, which does not answer it, may be trained.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loresmith.errors import LeakFound
from loresmith.likeness import Neighbours, name_different_things, normalised, words
from loresmith.recipe import SplitConfig
from loresmith.records import UNANSWERABLE, Question


@dataclass(frozen=True, slots=True)
class Leak:
    """A pair that must not be on both sides."""

    exam: Question
    trained: Question
    check: str
    """`exact question`, `near-duplicate question` or `run of words`."""
    shared: str
    """The words in common, or the likeness."""


class Known:
    """What a training set says, ready to be asked whether it knows a question."""

    def __init__(self, trained: Sequence[Question], config: SplitConfig) -> None:
        self._trained = list(trained)
        self._length = config.ngram
        self._exact: defaultdict[str, list[Question]] = defaultdict(list)
        for row in trained:
            self._exact[normalised(row.question)].append(row)
        self._near = Neighbours([row.question for row in trained], config.near_duplicate, names_count=False)
        self._runs: dict[tuple[str, ...], Question] = {}
        self._facts = {row.fact for row in trained}
        for row in trained:
            for text in (f"{row.question} {row.answer}", *_quotes(row)):
                for run in runs_of(text, self._length):
                    self._runs.setdefault(run, row)

    def copies_of(self, row: Question) -> list[Leak]:
        """Other rows that ask the same question, exactly or nearly."""
        exact = [Leak(row, other, "exact question", other.question) for other in self._exact[normalised(row.question)]]
        near = [
            Leak(row, self._trained[index], "near-duplicate question", f"likeness {likeness:.2f}")
            for index, likeness in self._near.of(row.question)
            if not _ask_apart(row, self._trained[index])
        ]
        return [leak for leak in (*exact, *near) if leak.trained.id != row.id]

    def shared_run(self, row: Question) -> Leak | None:
        """The first run of words of `row` that training has too; none of a row whose quote holds no answer."""
        if row.kind == UNANSWERABLE:
            return None
        for text in (row.question, *_quotes(row)):
            for run in runs_of(text, self._length):
                if run in self._runs:
                    return Leak(row, self._runs[run], "run of words", " ".join(run))
        return None

    def leak_of(self, row: Question) -> Leak | None:
        """The first leak of a question about a fact that must be unknown."""
        return next(iter(self.copies_of(row)), None) or self.shared_run(row)

    def teaches(self, fact: str) -> bool:
        """Whether some row is about `fact`."""
        return fact in self._facts


def _ask_apart(row: Question, other: Question) -> bool:
    """Whether two questions alike name different things and have different answers.

    Either alone is not enough: one thing can go by several names, and answers can be worded in several ways.
    """
    return normalised(row.answer) != normalised(other.answer) and name_different_things(row.question, other.question)


def _quotes(row: Question) -> tuple[str, ...]:
    return (row.quote, *(evidence.quote for evidence in row.also))


def runs_of(text: str, length: int) -> Iterator[tuple[str, ...]]:
    """Every run of `length` words in a row."""
    held = words(text)
    for start in range(len(held) - length + 1):
        yield tuple(held[start : start + length])


def leaks(train: Sequence[Question], exam: Iterable[Question], config: SplitConfig) -> Iterator[Leak]:
    """Every exam question that training knows. A fact that is also trained is asked for recall, others for transfer."""
    known = Known(train, config)
    for row in exam:
        leak = next(iter(known.copies_of(row)), None)
        if leak is None and not known.teaches(row.fact):
            leak = known.shared_run(row)
        if leak is not None:
            yield leak


def check(train: Sequence[Question], exam: Iterable[Question], config: SplitConfig) -> None:
    """Nothing, when no exam question is known to the training set.

    Raises:
        LeakFound: names the first pair, the check that found it and how many there are.
    """
    found = list(leaks(train, exam, config))
    if not found:
        return
    first = found[0]
    raise LeakFound(
        f"{len(found)} exam questions are known to the training set ({first.check}: {first.shared!r}).\n"
        f"  exam  {first.exam.id} ({first.exam.source}): {first.exam.question!r}\n"
        f"  train {first.trained.id} ({first.trained.source}): {first.trained.question!r}",
        next_step="Remove the copied document or row, or change `split.seed`, and run `loresmith split` again.",
    )
