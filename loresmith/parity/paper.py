"""Which questions the parity exam asks: of both exams and both forms, spread evenly over each."""

from dataclasses import dataclass

from loresmith.artifact import Artifact
from loresmith.records import Form, Question

EXAMS = ("recall", "transfer")
FORMS: tuple[Form, ...] = ("short", "choice")


@dataclass(frozen=True)
class Asked:
    """A question and the exam that it comes from."""

    exam: str
    question: Question


def choose(split: Artifact, most: int) -> list[Asked]:
    """At most `most` questions in the order of the exams."""
    groups = [
        [Asked(exam, question) for question in split.rows(Question, f"{exam}.jsonl") if question.form == form]
        for exam in EXAMS
        for form in FORMS
    ]
    shares = even_shares([len(group) for group in groups], most)
    return [asked for group, share in zip(groups, shares, strict=True) for asked in spread(group, share)]


def even_shares(sizes: list[int], most: int) -> list[int]:
    """How many to take of each group: as equal as the sizes allow, `most` in all, the first groups favoured."""
    shares = [0] * len(sizes)
    while sum(shares) < min(most, sum(sizes)):
        open_groups = [place for place, size in enumerate(sizes) if shares[place] < size]
        left = most - sum(shares)
        for place in open_groups[: left if left < len(open_groups) else None]:
            shares[place] += min(sizes[place] - shares[place], max(1, left // len(open_groups)))
    return shares


def spread(group: list[Asked], count: int) -> list[Asked]:
    """`count` of the group at equal distances, in its order."""
    return [group[place * len(group) // count] for place in range(count)]
