"""Rows that stand in a benchmark, each with the item, the check and the evidence."""

from collections.abc import Iterable, Iterator

from loresmith.contamination.index import Benchmarks, Check, Match
from loresmith.exchange.dialogue import Dialogue
from loresmith.records import Question, Record


class Hit(Record):
    """A row and the benchmark's item that it holds."""

    row: str
    """Its id."""
    row_text: str
    """What of it stands in the benchmark, the first characters."""
    benchmark: str
    """The item's file, by its name."""
    item: str
    """The item's file and line."""
    item_text: str
    """Its question, the first characters."""
    part: str
    """Where in it the text was found: `question`, `choice`, `answer` or `context`."""
    check: Check
    evidence: str
    """The shared words, or the likeness."""

    @property
    def reason(self) -> str:
        """Why the row goes, as `dropped.jsonl` says it."""
        return f"in a benchmark: {self.check}"


def contaminated_dialogues(dialogues: Iterable[Dialogue], benchmarks: Benchmarks) -> Iterator[Hit | None]:
    """For each conversation its hit, or `None`: what a person or the model says is compared whole, the rest by runs."""
    for dialogue in dialogues:
        said = [turn.text for turn in dialogue.turns if turn.role in ("user", "assistant")]
        beside = [turn.text for turn in dialogue.turns if turn.role not in ("user", "assistant")]
        found = benchmarks.match(said, [dialogue.system, *beside, *dialogue.contexts])
        yield None if found is None else _hit(dialogue.id, found)


def contaminated_questions(questions: Iterable[Question], benchmarks: Benchmarks) -> Iterator[Hit | None]:
    """For each question of a project its hit, or `None`: the question is compared whole, answer and quotes by runs."""
    for question in questions:
        listed = " ".join((question.question, *question.options))
        asked = [question.question, listed] if question.options else [question.question]
        quotes = (question.quote, *(evidence.quote for evidence in question.also))
        found = benchmarks.match(asked, (question.answer, *quotes))
        yield None if found is None else _hit(question.id, found)


def _hit(row: str, found: Match) -> Hit:
    return Hit(
        row=row,
        row_text=found.text,
        benchmark=found.benchmark,
        item=found.item,
        item_text=found.item_text,
        part=found.part,
        check=found.check,
        evidence=found.evidence,
    )
