"""Which rows are practised: the trained wordings of a failed fact, and wordings that nobody used yet.

What an exam asks is held back twice: by the check of the split, and by the stricter one that training makes on rows
of others, so that no row written here falls there later.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loresmith.contamination.index import Benchmarks
from loresmith.contamination.screening import contaminated_dialogues
from loresmith.exchange.dialogue import Dialogue, pair
from loresmith.failures.failed import Failure
from loresmith.generate.checks import question_fault
from loresmith.generate.collisions import collisions
from loresmith.generate.rules import RuleTeacher
from loresmith.likeness import normalised
from loresmith.models import asked
from loresmith.recipe import DecontaminateConfig, GenerateConfig, SplitConfig
from loresmith.records import UNANSWERABLE, Chunk, Fact, Question
from loresmith.split.leaks import Known

MOST_WORDINGS = 8
"""Short wordings of a fact that the rule teacher is asked for; `generate.wordings` takes no more."""
HELD_OUT = "held out for the transfer exam; trained, it would be one of recall"
NO_ANSWER = "without an answer; other such questions teach to say so"
NOT_TRAINED = "in no training row"
CLASHES = "asked already, in an exam or of another fact"
AN_EXAM = "asked by an exam, or nearly"


@dataclass(frozen=True)
class Trained:
    """What a project trains on and examines."""

    train: Sequence[Question]
    exams: Mapping[str, Sequence[Question]]
    """By the name of the set; validation counts as one."""
    facts: Mapping[str, Fact]
    chunks: Sequence[Chunk]
    generate: GenerateConfig
    split: SplitConfig


@dataclass
class Practice:
    """Rows to be trained again, and what was left out."""

    rows: list[Question] = field(default_factory=list)
    new: int = 0
    """Rows in wordings that were never used."""
    facts: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Failed facts that are not practised, by reason."""
    refused_rows: Counter[str] = field(default_factory=Counter)
    """Wordings of the others that are not, by reason."""


def practice(failures: Iterable[Failure], trained: Trained, exam_files: Mapping[str, Path]) -> Practice:
    """Rows about the facts that `failures` name, in the order of the exam.

    Args:
        failures: Wrong answers of one arm.
        trained: The project's rows.
        exam_files: The sets of the split that no row may stand in, by name.
    """
    made = Practice()
    wanted = _facts(failures, trained, made)
    of_fact = {fact: [row for row in trained.train if row.fact == fact] for fact in wanted}
    old = [row for rows in of_fact.values() for row in rows]
    proposed = list(_new_wordings(wanted, trained))
    others = [*trained.train, *(row for rows in trained.exams.values() for row in rows)]
    clashing = collisions([*others, *proposed])  # the question of another fact may be one of these
    new = [row for row in proposed if row.id not in clashing]
    made.refused_rows.update({CLASHES: len(proposed) - len(new)} if len(new) < len(proposed) else {})
    clean = _clean([*old, *new], trained, exam_files, made)
    known = {row.id for row in old}
    made.rows = [row for fact in wanted for row in clean if row.fact == fact]
    made.new = sum(row.id not in known for row in made.rows)
    made.facts = len({row.fact for row in made.rows})
    return made


def conversation(row: Question) -> Dialogue:
    """`row` as it is trained."""
    opening, user = asked.messages(row)
    return Dialogue(id=row.id, system=opening["content"], turns=pair(user["content"], asked.expected(row)))


def _facts(failures: Iterable[Failure], trained: Trained, made: Practice) -> list[str]:
    """The facts that may be practised; the others are counted with their reasons."""
    taught = {row.fact for row in trained.train}
    held_out = {row.fact for row in trained.exams.get("transfer", ())}
    wanted: dict[str, None] = {}
    refused: dict[str, str] = {}
    for failure in failures:
        if failure.exam == UNANSWERABLE:
            refused[failure.fact] = NO_ANSWER
        elif failure.exam != "recall" or failure.fact in held_out:
            refused[failure.fact] = HELD_OUT
        elif failure.fact not in taught:
            refused[failure.fact] = NOT_TRAINED
        else:
            wanted[failure.fact] = None
    made.refused.update(refused.values())
    return [fact for fact in wanted if fact not in refused]


def _new_wordings(wanted: Sequence[str], trained: Trained) -> Iterator[Question]:
    """Wordings of the rule teacher that stand in no training row; none about facts that another teacher found."""
    config = trained.generate.model_copy(update={"wordings": MOST_WORDINGS})
    teacher = RuleTeacher(config)
    teacher.survey(trained.chunks)
    chunks = {chunk.id: chunk for chunk in trained.chunks}
    used = {normalised(row.question) for row in trained.train}
    for name in wanted:
        fact = trained.facts.get(name)
        if fact is None or fact.chunk not in chunks:
            continue
        for row in teacher.questions(fact, chunks[fact.chunk], ()):
            if row.form == "short" and normalised(row.question) not in used and question_fault(row) is None:
                used.add(normalised(row.question))
                place = {"page": fact.page, "quote": fact.quote, "document": fact.document, "also": fact.also}
                yield row.model_copy(update={"id": f"{row.id}-practice", "fact": fact.id, **place})


def _clean(
    rows: Sequence[Question], trained: Trained, exam_files: Mapping[str, Path], made: Practice
) -> list[Question]:
    """Those of `rows` that no exam asks, by either check."""
    examined = Known([question for questions in trained.exams.values() for question in questions], trained.split)
    unseen = Known(trained.exams.get("transfer", ()), trained.split)
    files = {name: path for name, path in exam_files.items() if path.is_file() and path.stat().st_size}
    index = Benchmarks(files, DecontaminateConfig()) if files else None
    clean = []
    for row in rows:
        is_asked = bool(examined.copies_of(row)) or unseen.shared_run(row) is not None
        if not is_asked and index is not None:
            is_asked = next(contaminated_dialogues([conversation(row)], index)) is not None
        if is_asked:
            made.refused_rows[AN_EXAM] += 1
        else:
            clean.append(row)
    return clean
