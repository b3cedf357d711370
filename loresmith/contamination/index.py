"""What benchmarks say, ready to be asked whether a text is theirs.

Three checks, the strictest first: a text equals a question; a text and an item have a run of words in common (13 as for
GPT-3, arXiv 2005.14165, appendix C); a text is nearly a question. A question or passage shorter than a run counts as
one from eight words on. Choices stand behind their question as well, since prompts list them there.

Nearly equal is measured by shared words (`likeness.Neighbours`), not by MinHash of 5-word shingles: of 500 benchmark
questions with one word changed it found 93% against 63%, with as few false finds (benchmarks/decontamination.py). In a
question of 15 words one changed word breaks half of the shingles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from loresmith.contamination.benchmark_files import NoQuestions, items_of
from loresmith.contamination.items import Item
from loresmith.contamination.runs import Runs
from loresmith.errors import UserError
from loresmith.likeness import Neighbours, words
from loresmith.recipe import DecontaminateConfig

FEWEST_WORDS = 8
"""Of a question that is looked for within a text, or nearly; shorter ones are found by equality alone."""
FEWEST_EQUAL = 4
"""Of a question that is looked for by equality: TruthfulQA's "Who are you?" was in 11 of 2,671 real conversations."""
MOST_WORDS = 64
"""Of a question that is looked for nearly; in a longer one some 13 words in a row stay whole, unless one in nine is
changed, and comparing long texts takes nine tenths of the time."""
SHOWN = 200
"""Characters of an item that are kept to be shown."""

PARTS = ("question", "choice", "answer", "context")

Check = Literal["equal", "run of words", "near-duplicate"]


@dataclass(frozen=True, slots=True)
class Match:
    """An item that a text holds, and how one knows."""

    text: str
    """The text that was asked about, its first characters."""
    benchmark: str
    """The file, by its name."""
    item: str
    """File and line."""
    item_text: str
    """Its question, the first characters."""
    part: str
    """Where in it the text was found: `question`, `choice`, `answer` or `context`."""
    check: Check
    evidence: str
    """The shared words, or the likeness."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of a benchmark, as it is shown."""

    benchmark: str
    place: str
    text: str


class Benchmarks:
    """The items of benchmarks by all that identifies them."""

    def __init__(self, files: Mapping[str, Path], config: DecontaminateConfig) -> None:
        """Read `files`, each known by its name.

        Raises:
            UserError: a file is damaged, or none of them holds a question.
        """
        self._config = config
        self.counts: dict[str, int] = {}
        """Items by file."""
        self.passed_over: dict[str, str] = {}
        """Files without questions among others that have some, with what was wrong."""
        self._asked: list[_Asked] = []
        self._equal: dict[str, int] = {}
        self._runs = Runs(config.ngram, min(FEWEST_WORDS, config.ngram))
        self._near_numbers: list[int] = []
        near: list[str] = []
        for name, path in files.items():
            try:
                for item in items_of(name, path):
                    self.counts[name] = self.counts.get(name, 0) + 1
                    self._take(name, item, near)
            except NoQuestions as fault:
                if len(files) == 1:
                    raise
                self.passed_over[name] = fault.problem
        if not self.counts:
            raise UserError(
                f"None of {len(files)} files holds a question: {next(iter(self.passed_over.values()), 'no files')}",
                next_step="Rename the columns to question, choices, answer and context.",
            )
        self._runs.seal()
        self._near = Neighbours(near, config.near_duplicate, names_count=False)  # another number makes no new task

    @property
    def common_runs(self) -> int:
        """Runs of words that are passed over, being phrases of a benchmark."""
        return self._runs.common

    def match(self, spoken: Sequence[str], beside: Sequence[str] = ()) -> Match | None:
        """The first item found, by the strictest check that finds one.

        Args:
            spoken: Texts that could be a question: all three checks.
            beside: Texts that could only quote one: system prompts, passages, answers.
        """
        said = [(text, words(text)) for text in spoken]
        for text, held in said:
            if (number := self._equal.get(" ".join(held))) is not None:
                return self._matched(text, number, "equal", "the same words")
        for text, held in (*said, *((text, words(text)) for text in beside)):
            if (run := self._runs.find(held)) is not None:
                return self._matched(text, run.text, "run of words", run.words)
        for text, held in said:
            if len(held) > MOST_WORDS / self._config.near_duplicate:
                continue
            found = max(self._near.of(text), key=lambda pair: pair[1], default=None)
            if found is not None:
                return self._matched(text, self._near_numbers[found[0]], "near-duplicate", f"likeness {found[1]:.2f}")
        return None

    def _take(self, benchmark: str, item: Item, near: list[str]) -> None:
        first = len(self._asked)
        for text in item.questions:
            self._take_question(text, item.choices, near)
            self._asked.append(_Asked(benchmark, item.place, shown(text)))
        for part, texts in (("choice", item.choices), ("answer", item.answers), ("context", item.contexts)):
            for text in texts:
                self._runs.add(_number(first, part), words(text), whole=part == "context")

    def _take_question(self, text: str, choices: Sequence[str], near: list[str]) -> None:
        number = _number(len(self._asked), "question")
        held = words(text)
        self._runs.add(number, held, whole=True)
        if not held:
            return
        listed = [*held, *(word for choice in choices for word in words(choice))]
        for asked in (held, listed) if choices else (held,):
            if len(asked) >= FEWEST_EQUAL:
                self._equal.setdefault(" ".join(asked), number)
            if FEWEST_WORDS <= len(asked) <= MOST_WORDS:
                near.append(" ".join(asked))
                self._near_numbers.append(number)

    def _matched(self, text: str, number: int, check: Check, evidence: str) -> Match:
        asked = self._asked[number // len(PARTS)]
        part = PARTS[number % len(PARTS)]
        return Match(shown(text), asked.benchmark, asked.place, asked.text, part, check, evidence)


def _number(asked: int, part: str) -> int:
    """A part of an item as one number, as the table of runs keeps it."""
    return asked * len(PARTS) + PARTS.index(part)


def shown(text: str) -> str:
    """The first characters of a text, on one line."""
    return " ".join(text[: 2 * SHOWN].split())[:SHOWN]
