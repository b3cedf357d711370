"""Which facts the base model knew before training, and what each arm adds on the others.

A fact counts as known already when `base`, without adapter and sources, answers its short question right. Multiple
choice does not count: one in four is right by guessing. On the facts that were not known the base has nothing right, so
the share that another arm answers is its gain on them; on those that were known it can only lose.

Not covered: facts that the base knows but words in a way that the grader does not accept; they count as not known.
"""

from loresmith import statistics
from loresmith.evaluate.results import Known, Learned
from loresmith.evaluate.tally import Log, share
from loresmith.records import UNANSWERABLE

BASE = "base"


def known_already(log: Log) -> tuple[Known, ...]:
    """One account for each exam on facts that the base sat with short questions."""
    exams = dict.fromkeys(exam for exam, scope, arm in log.by_cell if (scope, arm) == ("short", BASE))
    return tuple(_account(log, exam) for exam in exams if exam != UNANSWERABLE)


def _account(log: Log, exam: str) -> Known:
    before = log.by_cell[exam, "short", BASE]
    right = {grade.question for grade in before if grade.correct}
    return Known(
        exam=exam,
        known=statistics.wilson(len(right), len(before)),
        facts=tuple(dict.fromkeys(grade.fact for grade in before if grade.correct)),
        arms=tuple(
            Learned(
                arm=arm,
                learned=share([grade.correct is True for grade in grades if grade.question not in right]),
                kept=share([grade.correct is True for grade in grades if grade.question in right]),
            )
            for arm in log.arms()
            if arm != BASE and (grades := log.by_cell.get((exam, "short", arm)))
        ),
    )
