"""The examination as pictures and numbers: arms, what each added, retrieval."""

from collections.abc import Sequence

from loresmith.records import Estimate
from loresmith.report.content import Block, Column, Picture, Prose, Section, Table
from loresmith.report.exam import FORMS, IN_MEMORY, WAYS, Exam, Pair
from loresmith.report.material import Material
from loresmith.report.pictures import whiskers
from loresmith.report.wording import count, interval, p_value, percent, points, points_interval

CLEAR = 0.05
FOLDED_ABOVE = 24
"""Rows; three exams by four arms stay open."""


def arms(material: Material) -> Section | None:
    """Every arm in every exam and form."""
    exam = material.exam
    if exam is None or not exam.cells:
        return None
    panels, texts = [], []
    for name in exam.exams():
        for form in exam.forms(name):
            title = f"{name.capitalize()}: {FORMS[form]}"
            rows = _accuracies(exam, name, form)
            scale = whiskers.shares(_chance(material, name) if form == "choice" else None)
            panels.append(whiskers.panel(title, rows, scale))
            texts.append(whiskers.plain(title, rows, scale))
    caption = "Share of correct answers with its 95% Wilson interval. The axis is never cut."
    blocks: list[Block] = [
        Picture(caption=caption, panels=tuple(panels), text="\n\n".join(texts)),
        _figures(exam),
    ]
    blocks += [
        Prose(
            text=f"Of the {cut.exam} exam, {cut.asked} of {cut.available} {FORMS[cut.form]} questions were asked.",
            tone="warning",
        )
        for cut in exam.limited
    ]
    lead = (
        f"The same questions, asked {_ways(exam)}. Recall asks about facts that were trained, in a wording that was "
        "held back; transfer asks about sources that training never saw."
    )
    if exam.refusals:
        blocks.append(_refusals(exam))
        lead += " The third exam asks what no document tells; right is who says so."
    title = "The four arms" if len(exam.arms()) == 4 else "The arms"
    return Section(id="arms", title=title, lead=lead, blocks=tuple(blocks))


def added(material: Material) -> Section | None:
    """Paired differences: what each way of answering added."""
    exam = material.exam
    if exam is None or not exam.pairs:
        return None
    panels, texts = [], []
    scale = whiskers.differences([pair.difference for pair in exam.pairs if pair.form == "all"])
    for name in exam.exams():
        rows = [_difference(pair) for pair in exam.pairs if (pair.exam, pair.form) == (name, "all")]
        if rows:
            panels.append(whiskers.panel(f"{name.capitalize()}: points of accuracy", rows, scale))
            texts.append(whiskers.plain(f"{name.capitalize()}: points of accuracy", rows, scale))
    columns = (
        Column(name="Exam"),
        Column(name="Form"),
        Column(name="Comparison"),
        Column(name="Points", is_number=True),
        Column(name="95% interval", is_number=True),
        Column(name="Won", is_number=True),
        Column(name="Lost", is_number=True),
        Column(name="p (Holm)", is_number=True),
        Column(name="Visible from", is_number=True),
    )
    rows_of_numbers = tuple(
        (
            pair.exam,
            FORMS[pair.form],
            pair.name.replace(" - ", " − "),
            points(pair.difference.value),
            points_interval(pair.difference),
            count(pair.won),
            count(pair.lost),
            p_value(pair.p_holm),
            f"{100 * pair.visible:.1f}",
        )
        for pair in exam.pairs
    )
    methods = dict.fromkeys(f"{pair.exam}: {pair.difference.method}" for pair in exam.pairs if pair.form == "all")
    blocks: tuple[Block, ...] = (
        Picture(
            caption="Differences on the same questions, both forms pooled.",
            panels=tuple(panels),
            text="\n\n".join(texts),
        ),
        Table(caption="Paired differences", columns=columns, rows=rows_of_numbers, folded=True),
        Prose(
            text=(
                f"Intervals of the pooled forms: {'; '.join(methods)}. Won and lost count the questions "
                "that only one of the two got right; p is the exact McNemar test, adjusted by Holm for all comparisons "
                "of one exam and form. "
                "“Visible from” is the smallest difference, in points, that so many questions show with 80% power."
            ),
            tone="note",
        ),
    )
    return Section(id="added", title="What each way added", lead=_added_lead(exam), blocks=blocks)


def retrieval(material: Material) -> Section | None:
    """Whether the right passage was found."""
    exam = material.exam
    if exam is None or not exam.retrieval:
        return None
    columns = (
        Column(name="Exam"),
        Column(name="Questions", is_number=True),
        Column(name="Passages", is_number=True),
        Column(name="Right passage among them", is_number=True),
        Column(name="Mean reciprocal rank", is_number=True),
        Column(name="nDCG", is_number=True),
        Column(name="Quote before the model", is_number=True),
    )
    rows = tuple(
        (
            found.exam,
            count(found.hit.n),
            count(found.k),
            f"{percent(found.hit.value)} {interval(found.hit)}",
            _mean(found.reciprocal_rank),
            _mean(found.gain) if found.gain else "–",
            f"{percent(found.quoted.value)} {interval(found.quoted)}",
        )
        for found in exam.retrieval
    )
    lead = (
        "The grounded arms can be no better than what retrieval brings. The right passage is the one that the question "
        "was made from; others may answer it too."
    )
    table = Table(caption="Retrieval", columns=columns, rows=rows)
    return Section(id="retrieval", title="What retrieval found", lead=lead, blocks=(table,))


def is_clear(pair: Pair) -> bool:
    """Whether interval and adjusted p agree that there is a difference."""
    return pair.p_holm < CLEAR and (pair.difference.low > 0 or pair.difference.high < 0)


def _accuracies(exam: Exam, name: str, form: str) -> list[whiskers.Row]:
    cells = [cell for arm in exam.arms() if (cell := exam.cell(name, arm, form))]
    return [whiskers.Row(cell.arm, cell.accuracy, cell.arm, percent(cell.accuracy.value)) for cell in cells]


def _difference(pair: Pair) -> whiskers.Row:
    shade = "unclear" if not is_clear(pair) else "gain" if pair.difference.value > 0 else "loss"
    return whiskers.Row(pair.name.replace(" - ", " − "), pair.difference, shade, points(pair.difference.value))


def _chance(material: Material, exam: str) -> float | None:
    asked = {grade.question for grade in material.grades if grade.exam == exam and grade.form == "choice"}
    options = [len(material.questions[name].options) for name in asked if name in material.questions]
    return sum(1 / number for number in options if number) / len(options) if options else None


def _refusals(exam: Exam) -> Table:
    """How often each arm declines to answer: the more of the one and the less of the other, the better."""
    columns = (
        Column(name="Arm"),
        Column(name="Refused, rightly", is_number=True),
        Column(name="95% interval", is_number=True),
        Column(name="n", is_number=True),
        Column(name="Refused, wrongly", is_number=True),
        Column(name="95% interval", is_number=True),
        Column(name="n", is_number=True),
    )
    rows = tuple((one.arm, *_share(one.rightly), *_share(one.wrongly)) for one in exam.refusals)
    return Table(caption="Short questions that were answered by a refusal.", columns=columns, rows=rows)


def _mean(found: Estimate) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _share(found: Estimate | None) -> tuple[str, str, str]:
    return (percent(found.value), interval(found), count(found.n)) if found else ("–", "–", "0")


def _figures(exam: Exam) -> Table:
    columns = (
        Column(name="Exam"),
        Column(name="Arm"),
        Column(name="Correct", is_number=True),
        Column(name="95% interval", is_number=True),
        Column(name="Exact", is_number=True),
        Column(name="Token F1", is_number=True),
        Column(name="n", is_number=True),
        Column(name="Unreadable"),
    )
    rows = []
    for name in exam.exams():
        for form in exam.forms(name):
            for cell in (exam.cell(name, arm, form) for arm in exam.arms()):
                if cell is None:
                    continue
                reasons = ", ".join(f"{n} {reason}" for reason, n in cell.unparsed.items())
                rows.append(
                    (
                        f"{name}, {FORMS[form]}",
                        cell.arm,
                        percent(cell.accuracy.value),
                        interval(cell.accuracy),
                        percent(cell.exact.value) if cell.exact else "–",
                        f"{cell.token_f1.value:.3f}" if cell.token_f1 else "–",
                        count(cell.n),
                        reasons or "0",
                    )
                )
    return Table(caption="The same in numbers", columns=columns, rows=tuple(rows), folded=len(rows) > FOLDED_ABOVE)


def _ways(exam: Exam) -> str:
    further = [WAYS[arm] for arm in exam.arms() if arm not in IN_MEMORY]
    asked = {1: "in one way", 2: "two ways", 3: "three ways", 4: "four ways"}[len(exam.arms()) - len(further)]
    return f"{asked}, and afterwards of {' and of '.join(further)}" if further else asked


def _added_lead(exam: Exam) -> str:
    said = []
    for name in exam.exams():
        for arm in exam.arms()[1:]:
            pair = exam.pair(name, f"{arm} - base")
            if pair is None:
                continue
            known = "" if is_clear(pair) else ", which may be chance"
            said.append(f"{WAYS[arm]} {points(pair.difference.value)} on {name}{known}")
    return f"Points of accuracy over the model as it was: {'; '.join(said)}." if said else ""


def best_arm(exam: Exam, name: str, arms: Sequence[str]) -> str:
    """The arm with the highest accuracy in an exam; of equals the first."""
    return max(arms, key=lambda arm: cell.accuracy.value if (cell := exam.cell(name, arm)) else -1.0)
