"""How often `loresmith failures` calls a group weak, rightly and wrongly, in simulated exams whose truth is known.

    python -m benchmarks.weak_groups --exams 300

Exams of short questions on documents with three sections and five kinds each, by lot. False alarms: exams in which any
group is called weak though none is; where documents do differ, any kind, since no kind does. Found: exams in which the
one document that is worse is called weak. With 300 exams the noise of a percentage near 2 is 0.8.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from loresmith.failures.cases import Case
from loresmith.failures.groups import Group, groups
from loresmith.records import Grade, Question

KINDS, SECTIONS = 5, 3


@dataclass(frozen=True)
class Exam:
    """How the answers of an exam come about."""

    documents: int
    size: int
    """Questions to a document."""
    wrong: float
    spread: float = 0.0
    """Standard deviation of the share of wrong answers from document to document."""
    worst: float | None = None
    """Share of wrong answers of the first document, where it is another."""


SAME = tuple(Exam(*sizes, wrong) for sizes in ((5, 20), (10, 20), (20, 10), (40, 10)) for wrong in (0.1, 0.3, 0.6))
APART = tuple(Exam(*sizes, 0.3, spread=0.15) for sizes in ((5, 20), (10, 20), (20, 10), (40, 10)))
WORSE = tuple(Exam(*sizes, 0.2, worst=worst) for sizes in ((5, 20), (10, 20), (20, 10), (40, 10))
              for worst in (0.4, 0.6, 0.8))  # fmt: skip


def answered(exam: Exam, rng: np.random.Generator) -> list[Case]:
    """One exam by lot."""
    shares = np.clip(rng.normal(exam.wrong, exam.spread, exam.documents), 0.02, 0.98)
    if exam.worst is not None:
        shares[0] = exam.worst
    return [
        _case(document * exam.size + number, document, bool(rng.random() < shares[document]), rng)
        for document in range(exam.documents)
        for number in range(exam.size)
    ]


def called_weak(exam: Exam, exams: int, seed: int) -> list[list[Group]]:
    """The groups that are called weak in each of `exams` exams."""
    rng = np.random.default_rng(seed)
    return [[group for group in groups(answered(exam, rng)) if group.is_weak] for _ in range(exams)]


def _case(number: int, document: int, is_wrong: bool, rng: np.random.Generator) -> Case:
    place = {"document": f"d{document}", "source": f"d{document}.md", "chunk": "c", "page": None}
    words = {"quote": "q", "question": "?", "answer": "a", "form": "short", "wording": 0}
    kind = f"kind-{rng.integers(KINDS)}"
    asked = Question.model_validate({"id": f"q{number}", "fact": f"f{number}", **place, **words, "kind": kind})
    graded = {"question": asked.id, "fact": asked.fact, "document": asked.document, "arm": "lora", "form": "short"}
    beside = {"exam": "recall", "given": "", "correct": not is_wrong, "token_f1": 0.0}
    return Case(asked, Grade.model_validate({**graded, **beside}), f"s{rng.integers(SECTIONS)}", "wrong")


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--exams", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=17)
    given = parser.parse_args()
    print("| Exam | Truth | Called weak, of 100 exams |\n|---|---|---:|")
    for exam in (*SAME, *APART, *WORSE):
        found = called_weak(exam, given.exams, given.seed)
        truth, hits = f"all groups {exam.wrong:.0%} wrong", [bool(weak) for weak in found]
        if exam.spread:
            truth = f"documents {exam.wrong:.0%} ± {exam.spread:.0%}, kinds alike; any kind"
            hits = [any(group.by == "kind" for group in weak) for weak in found]
        if exam.worst is not None:
            truth = f"{exam.wrong:.0%} wrong, one document {exam.worst:.0%}; that one"
            hits = [any((group.by, group.name) == ("document", "d0.md") for group in weak) for weak in found]
        print(f"| {exam.documents} documents × {exam.size} | {truth} | {100 * sum(hits) / len(hits):.1f} |", flush=True)


if __name__ == "__main__":
    main()
