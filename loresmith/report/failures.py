"""Where the arm of the verdict fails: why, in which documents, sections and kinds, and with questions of what sort."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from loresmith.failures.cases import cases
from loresmith.failures.clusters import Cluster
from loresmith.failures.findings import Findings, chosen_arm, findings
from loresmith.failures.groups import Group
from loresmith.failures.reading import logs_of
from loresmith.failures.words import verdict
from loresmith.report.content import Block, Column, Command, Example, Examples, Prose, Said, Section, Table
from loresmith.report.exam import FORMS
from loresmith.report.examples import short
from loresmith.report.material import Material
from loresmith.report.wording import count, interval, p_value, percent, points, points_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_GROUPS = 12
"""Weak groups come first, then those that are worse without proof."""


def failures(material: Material) -> Section | None:
    """What the arm of the verdict gets wrong; nothing where it was not examined or all is right."""
    exam = material.exam
    if exam is None or not material.grades:
        return None
    logs = logs_of(material.parents)
    arm = chosen_arm(logs.arms(), exam.verdict.decision)
    if not any(case.is_wrong for case in cases(logs, arm)):
        return None
    found = findings(logs, arm, lambda texts: _encoded(tuple(texts)))
    blocks: list[Block] = [_reasons(found), Prose(text=verdict(found))]
    if shown := _worst(found.groups):
        blocks.append(_groups(shown))
        blocks.append(Prose(text=_caveat(shown), tone="note"))
    if found.clusters:
        blocks += [_clusters(found.clusters), _examples(found, material)]
    blocks.append(
        Command(
            line="loresmith failures PROJECT --review",
            why="Lists every wrong answer and marks its question for the review; PROJECT is this project's folder.",
        )
    )
    wrong, asked = sum(one.wrong for one in found.exams), sum(one.n for one in found.exams)
    lead = (
        f"{count(wrong)} of {count(asked)} answers of {arm} are wrong. For each the first thing that failed is named: "
        "an answer that cannot be read says nothing of what is known, nor does one whose passage was not found."
    )
    return Section(id="failures", title="Where it fails", lead=lead, blocks=tuple(blocks))


@lru_cache(maxsize=1)
def _encoded(texts: tuple[str, ...]) -> "NDArray[np.float32]":
    """Vectors of the questions; kept, since a report is often written again for the sake of something else in it."""
    from loresmith.retrieval.minilm import MiniLmEmbedder

    return MiniLmEmbedder().encode(texts)


def _reasons(found: Findings) -> Table:
    columns = (
        Column(name="Exam"),
        Column(name="Reason"),
        Column(name="Wrong answers", is_number=True),
        Column(name="Share of the exam's", is_number=True),
        Column(name="95% interval", is_number=True),
    )
    rows = tuple(
        (reason.exam, reason.reason, count(reason.n), percent(reason.share.value), interval(reason.share))
        for reason in found.reasons
    )
    return Table(caption=f"Why answers of {found.arm} are wrong", columns=columns, rows=rows)


def _worst(groups: Sequence[Group]) -> list[Group]:
    worse = [group for group in groups if group.difference is not None and group.difference.value > 0]
    return worse[: max(MOST_GROUPS, sum(group.is_weak for group in worse))]


def _groups(groups: Sequence[Group]) -> Table:
    columns = (
        Column(name="Exam"),
        Column(name="By"),
        Column(name="Group"),
        Column(name="Wrong", is_number=True),
        Column(name="Share and 95% interval", is_number=True),
        Column(name="More than the rest, points", is_number=True),
        Column(name="p (Holm)", is_number=True),
        Column(name="Verdict"),
    )
    return Table(caption="Groups with more wrong answers than the rest", columns=columns, rows=tuple(map(_row, groups)))


def _row(group: Group) -> tuple[str, ...]:
    difference = group.difference
    told = "weak" if group.is_weak else "cannot tell"
    return (
        group.exam,
        group.by,
        group.name,
        f"{count(group.wrong)} of {count(group.n)}",
        f"{percent(group.share.value)} {interval(group.share)}",
        f"{points(difference.value)} {points_interval(difference)}" if difference else "–",
        p_value(group.p_holm) if group.p_holm is not None else "–",
        f"{told}, few questions" if group.is_small else told,
    )


def _caveat(groups: Sequence[Group]) -> str:
    few = " Rows with few questions rest on fewer than 20." if any(group.is_small for group in groups) else ""
    return (
        "A group is called weak when more of it is wrong than of the rest of its exam in the same forms, p below 5% "
        "after Holm's adjustment for every group that was compared. Intervals allow for answers about one document "
        f"going together. Groups share questions: a weak section makes its document look weak.{few}"
    )


def _clusters(clusters: Sequence[Cluster]) -> Table:
    columns = (
        Column(name="Telling words"),
        Column(name="Facts wrong", is_number=True),
        Column(name="As near and right", is_number=True),
        Column(name="Documents", is_number=True),
    )
    rows = tuple(
        (", ".join(one.terms) or "–", count(one.facts), count(one.alike_right), count(one.documents))
        for one in clusters
    )
    return Table(caption="Wrong answers to questions that are alike", columns=columns, rows=rows)


def _examples(found: Findings, material: Material) -> Examples:
    """The question nearest to the centre of each cluster."""
    made = []
    for cluster in found.clusters:
        failure, question = found.failure(cluster.example), material.questions[cluster.example]
        made.append(
            Example(
                question=question.question,
                options=question.options,
                answer=question.answer,
                said=(Said(arm=found.arm, given=short(failure.given), correct=False, unparsed=failure.reason),),
                source=question.source,
                page=question.page,
                quote=short(question.quote),
                exam=f"{failure.exam}, {FORMS[failure.form]}",
            )
        )
    return Examples(caption="The most typical question of each", items=tuple(made))
