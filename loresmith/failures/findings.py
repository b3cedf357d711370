"""All that is said about where an arm fails; the terminal, the report and `--json` show the same."""

from collections.abc import Sequence

from loresmith import statistics
from loresmith.errors import UserError
from loresmith.failures.cases import Case, Logs, cases
from loresmith.failures.clusters import Cluster, Encode, clusters
from loresmith.failures.failed import Failure
from loresmith.failures.groups import Group, groups, wrong_share
from loresmith.records import Estimate, Record

FULLEST_FIRST = ("lora+rag", "rag", "lora", "base")


class Reason(Record):
    """How many of an exam's wrong answers have one reason."""

    exam: str
    reason: str
    n: int
    share: Estimate
    """Of the wrong answers of the exam."""
    example: str
    """Id of a question."""


class Missed(Record):
    """The wrong answers of one exam."""

    exam: str
    n: int
    wrong: int
    share: Estimate


class Findings(Record):
    """Where one arm fails."""

    arm: str
    exams: tuple[Missed, ...]
    reasons: tuple[Reason, ...]
    """By exam, the most frequent first."""
    groups: tuple[Group, ...]
    compared: int
    """Groups that were compared with the rest of their exam; p-values are adjusted for so many."""
    clusters: tuple[Cluster, ...]
    failures: tuple[Failure, ...]

    @property
    def weak(self) -> tuple[Group, ...]:
        """The groups that are worse than the rest beyond chance."""
        return tuple(group for group in self.groups if group.is_weak)

    def failure(self, question: str) -> Failure:
        """The wrong answer to a question, by its id."""
        return next(failure for failure in self.failures if failure.question == question)


def findings(logs: Logs, arm: str, encode: Encode) -> Findings:
    """Where `arm` fails.

    Raises:
        UserError: the arm was not examined.
    """
    if arm not in logs.arms():
        raise UserError(f"The arm {arm!r} was not examined.", next_step=f"Take one of {', '.join(logs.arms())}.")
    asked = cases(logs, arm)
    divided = groups(asked)
    return Findings(
        arm=arm,
        exams=tuple(_missed(exam, asked) for exam in dict.fromkeys(case.grade.exam for case in asked)),
        reasons=tuple(_reasons(asked)),
        groups=tuple(divided),
        compared=sum(group.difference is not None for group in divided),
        clusters=tuple(clusters(asked, encode)),
        failures=tuple(Failure.of(case) for case in asked if case.is_wrong),
    )


def chosen_arm(arms: Sequence[str], decision: str | None = None) -> str:
    """The arm of the verdict where it sat, else the one that has most of adapter and retrieval.

    Raises:
        UserError: there is no arm.
    """
    for name in (decision, *FULLEST_FIRST, *arms):
        if name in arms:
            return str(name)
    raise UserError("The examination holds no answer.", next_step="Run `loresmith evaluate` first.")


def _missed(exam: str, asked: Sequence[Case]) -> Missed:
    own = [case for case in asked if case.grade.exam == exam]
    return Missed(exam=exam, n=len(own), wrong=sum(case.is_wrong for case in own), share=wrong_share(own))


def _reasons(asked: Sequence[Case]) -> list[Reason]:
    found = []
    for exam in dict.fromkeys(case.grade.exam for case in asked):
        wrong = [case for case in asked if case.grade.exam == exam and case.is_wrong]
        told = []
        for reason in dict.fromkeys(case.reason for case in wrong):
            marks = [case.reason == reason for case in wrong]
            told.append(
                Reason(
                    exam=exam,
                    reason=str(reason),
                    n=sum(marks),
                    share=statistics.share(
                        marks, [case.question.document for case in wrong], [case.question.fact for case in wrong]
                    ),
                    example=wrong[marks.index(True)].question.id,
                )
            )
        found += sorted(told, key=lambda one: (-one.n, one.reason))
    return found
