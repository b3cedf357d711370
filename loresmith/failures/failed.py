"""One wrong answer as a row, and the file of them that the review reads."""

from pathlib import Path

from loresmith.artifact import read_rows, write_whole
from loresmith.errors import ArtifactCorrupt, UserError
from loresmith.failures.cases import Case
from loresmith.records import Form, Record

FAILURES = "failures.jsonl"
"""In the project folder: what `loresmith failures --review` leaves and `loresmith review` shows."""


class Failure(Record):
    """A question that an arm answered wrongly."""

    question: str
    """Its id."""
    exam: str
    arm: str
    fact: str
    document: str
    source: str
    page: int | None
    section: str
    kind: str
    form: Form
    asked: str
    """The question's words."""
    answer: str
    given: str
    reason: str

    @classmethod
    def of(cls, case: Case) -> "Failure":
        """The row of a wrong answer."""
        question = case.question
        return cls(
            question=question.id,
            exam=case.grade.exam,
            arm=case.grade.arm,
            fact=question.fact,
            document=question.document,
            source=question.source,
            page=question.page,
            section=case.section,
            kind=question.kind,
            form=question.form,
            asked=question.question,
            answer=question.answer,
            given=case.grade.given,
            reason=str(case.reason),
        )


def write_failures(path: Path, failures: tuple[Failure, ...]) -> None:
    """Leave `failures` in the file `path`, in place of what was there; raises an `OSError` where it cannot."""
    write_whole(path, "".join(f"{failure.model_dump_json()}\n" for failure in failures))


def read_failures(path: Path) -> dict[str, Failure]:
    """Wrong answers by their question's id; none where there is no file.

    Raises:
        UserError: a line is none.
    """
    if not path.is_file():
        return {}
    try:
        return {failure.question: failure for failure in read_rows(path, Failure, made_by="failures")}
    except (ArtifactCorrupt, UnicodeDecodeError) as fault:
        raise UserError(
            f"{path} is damaged.", next_step="Delete it, or make it anew with `loresmith failures --review`."
        ) from fault
