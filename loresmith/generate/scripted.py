"""A teacher that replays rows from a JSON Lines file: for tests, and for questions that a person wrote.

One row per fact: `{"quote": ..., "answer": ..., "questions": [...]}` and optionally `source` (the document it is from;
any when absent), `kind`, `subject`, `options` (wrong answers) and `form`. An answer of 13 words or more is `long`, and
so is any with `"form": "long"`: it is asked for in sentences, may say what the quote says in other words, and has no
options. Named in the recipe as `scripted:rows.jsonl`.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from loresmith.errors import UserError
from loresmith.generate.checks import is_sentence
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.distractors import options_for
from loresmith.generate.questions import question_of
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk, Fact, Question, Record


class ScriptedRow(Record):
    """One written fact with its questions."""

    quote: str
    answer: str
    questions: tuple[str, ...]
    """Wordings of the question; two at least, one of them can be held back for the exam."""
    source: str | None = None
    kind: str = "scripted"
    subject: str = ""
    options: tuple[str, ...] = ()
    """Wrong answers for the multiple-choice question; a long answer has none."""
    form: Literal["short", "long"] | None = None
    """`None`: by the length of the answer."""

    @property
    def is_long(self) -> bool:
        """Whether the answer is a sentence or a paragraph."""
        return self.form == "long" or (self.form is None and is_sentence(self.answer))

    def claim(self) -> Claim:
        """The row as what a chunk says."""
        words = (self.kind, self.quote, self.subject, self.answer, self.questions)
        return Claim(*words, rivals=self.options, is_long=self.is_long)


class ScriptedTeacher:
    """Gives each chunk the rows whose quote stands in it."""

    name = "scripted"

    def __init__(self, config: GenerateConfig, argument: str = "") -> None:
        self._config = config
        self._rows = read_rows(Path(argument)) if argument else _missing_path()
        self._by_fact: dict[str, ScriptedRow] = {}

    def facts(self, chunk: Chunk) -> Iterator[Fact]:
        """The rows whose quote stands in the chunk's text."""
        for row in self._rows:
            if row.quote in chunk.text and row.source in (None, chunk.source):
                fact = fact_of(row.claim(), chunk)
                self._by_fact[fact.id] = row
                yield fact

    def questions(self, fact: Fact, chunk: Chunk, neighbours: Sequence[Fact]) -> Iterator[Question]:
        """The written wordings, and for a short answer one multiple-choice question from the first."""
        row = self._by_fact[fact.id]
        for index, text in enumerate(row.questions[: self._config.wordings]):
            yield question_of(fact, fact.form, index, text, method=self.name)
        if row.questions and fact.form == "short":
            text = f"Choose the right answer. {row.questions[0]}"
            options = options_for(fact, row.options, neighbours, self._config.options, text)
            yield question_of(fact, "choice", 0, text, method=self.name, options=options)


def read_rows(path: Path) -> list[ScriptedRow]:
    """The rows of the file.

    Raises:
        UserError: the file is missing, or a line is not a row; names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise UserError(
            f"{path}: the rows of the scripted teacher cannot be read ({fault}).",
            next_step="Give the path of a JSON Lines file: `teacher: scripted:rows.jsonl`.",
        ) from fault
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            rows.append(ScriptedRow.model_validate(json.loads(line)))
        except (ValidationError, json.JSONDecodeError) as fault:
            reason = str(fault).splitlines()[0]
            raise UserError(
                f"{path}, line {number} is not a row of the scripted teacher: {reason}.",
                next_step='Write one object per line: {"quote": ..., "answer": ..., "questions": [..., ...]}.',
            ) from fault
    return rows


def _missing_path() -> list[ScriptedRow]:
    raise UserError(
        "The scripted teacher needs a file of rows.", next_step="Name it in the recipe: `teacher: scripted:rows.jsonl`."
    )
