"""Groups of questions against the rest of their exam, with as many looks paid for as were taken.

A group is called weak when more of it is wrong than of the rest of the same exam, and its p-value is below 5% after
Holm's adjustment for every group that was compared. Intervals allow for answers about one document going together. A
document, a section and a kind that share their questions are all named: which of them is the cause no exam tells.
Choices can be guessed, so forms are counted and never compared, and a kind that is asked in one form is compared with
others in that form. Kinds in both forms are compared as they are mixed.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from loresmith import statistics
from loresmith.failures.cases import Case
from loresmith.records import Estimate, Record
from loresmith.statistics import SMALL

By = Literal["document", "section", "kind", "form"]
FEWEST_COMPARED = 5
"""Questions of a group, and of its rest. All wrong of 4 against a fifth of the rest would be p = 0.004: after the
adjustment for a dozen looks nothing, but every such look costs the larger groups."""
CLEAR = 0.05


class Group(Record):
    """Some questions of an exam, and how many of them are wrong."""

    by: By
    name: str
    exam: str
    n: int
    wrong: int
    share: Estimate
    """Of wrong answers."""
    rest: Estimate | None
    """The same of the other questions of the exam in its forms; `None` where the two were not compared."""
    difference: Estimate | None
    """`share` less `rest`; above 0 the group is worse."""
    p_holm: float | None
    is_small: bool
    is_weak: bool


PLACES: dict[By, Callable[[Case], str]] = {
    "document": lambda case: case.question.source,
    "section": lambda case: f"{case.question.source}: {case.section}" if case.section else "",
    "kind": lambda case: case.question.kind,
    "form": lambda case: case.question.form,
}


def groups(cases: Sequence[Case]) -> list[Group]:
    """Every group of every exam, the weak ones first, then by how much worse than the rest they are."""
    found = [_group(by, name, exam, members, others) for by, name, exam, members, others in _divided(cases)]
    compared = {str(place): statistics.p_of(one.difference) for place, one in enumerate(found) if one.difference}
    adjusted = statistics.holm(compared)
    told = [_told(one, adjusted.get(str(place))) for place, one in enumerate(found)]
    return sorted(told, key=lambda one: (not one.is_weak, -_worse(one), one.exam, one.by, one.name))


def wrong_share(cases: Sequence[Case]) -> Estimate:
    """The share of wrong answers among `cases`, of which there is one at least."""
    return statistics.share(
        [case.is_wrong for case in cases],
        [case.question.document for case in cases],
        [case.question.fact for case in cases],
    )


def _divided(cases: Sequence[Case]) -> list[tuple[By, str, str, list[Case], list[Case]]]:
    """(by, name, exam, members, rest); a section that is all that was asked of its document is no group of its own."""
    found: list[tuple[By, str, str, list[Case], list[Case]]] = []
    for exam in dict.fromkeys(case.grade.exam for case in cases):
        asked = [case for case in cases if case.grade.exam == exam]
        whole = set()
        for by, place in PLACES.items():
            for name in sorted({place(case) for case in asked} - {""}):
                members = [case for case in asked if place(case) == name]
                ids = frozenset(case.question.id for case in members)
                if len(members) == len(asked) or (by == "section" and ids in whole):
                    continue
                whole |= {ids} if by == "document" else set()
                forms = {case.question.form for case in members}
                alike = [case for case in asked if case.question.form in forms]
                found.append((by, name, exam, members, [case for case in alike if place(case) != name]))
    return found


def _group(by: By, name: str, exam: str, members: Sequence[Case], others: Sequence[Case]) -> Group:
    share = wrong_share(members)
    is_compared = min(len(members), len(others)) >= FEWEST_COMPARED
    rest = wrong_share(others) if is_compared else None
    return Group(
        by=by,
        name=name,
        exam=exam,
        n=len(members),
        wrong=sum(case.is_wrong for case in members),
        share=share,
        rest=rest,
        difference=statistics.unpaired(rest, share) if rest is not None else None,
        p_holm=None,
        is_small=len(members) < SMALL,
        is_weak=False,
    )


def _told(group: Group, p: float | None) -> Group:
    if p is None or group.difference is None:
        return group
    is_weak = group.difference.value > 0 and p < CLEAR
    return group.model_copy(update={"p_holm": round(p, 6), "is_weak": is_weak})


def _worse(group: Group) -> float:
    return group.difference.value if group.difference is not None else -1.0
