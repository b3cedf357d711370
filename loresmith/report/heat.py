"""Where the expert is strong and weak: accuracy by kind, subject, document and section, arm by arm."""

from collections.abc import Callable, Mapping, Sequence

from loresmith import statistics
from loresmith.records import UNANSWERABLE, Grade, Question
from loresmith.report.content import Block, Heat, HeatCell, Prose, Section
from loresmith.report.exam import Exam
from loresmith.report.material import Material
from loresmith.report.outcome import best_arm
from loresmith.report.wording import plural
from loresmith.statistics import SMALL

MOST_ROWS = 20
"""Of a heat map; the weakest in the best arm are shown."""
BETWEEN = " › "
"""Between a document and its section."""

Named = Callable[[Question], str]


def weak_spots(material: Material) -> Section | None:
    """A map for each exam and way of dividing its questions; those that divide nothing are left out.

    So is the exam on what no document tells: its questions belong to no place in the documents.
    """
    exam = material.exam
    if exam is None or not material.all_grades:
        return None
    blocks: list[Block] = []
    for name in (name for name in exam.exams() if name != UNANSWERABLE):
        for rows_are, named, is_folded in _divisions(material):
            grades = [grade for grade in material.all_grades if grade.exam == name]
            blocks += _heat(exam, name, rows_are, _counted(grades, material.questions, named), is_folded)
    if not blocks:
        return None
    shown = [grade for block in blocks if isinstance(block, Heat) for _, row in block.rows for grade in row if grade]
    small = sum(cell.is_small for cell in shown)
    note = (
        "The stronger the tint of a cell, the more of its questions were answered right; the figure stands in it, the "
        f"number of questions below. {count_of(small, len(shown))} fewer than {SMALL} questions: such a cell is paler, "
        "has a dashed border and says “few”. Look, but conclude nothing from one. Wilson 95% intervals are read out by "
        "screen readers and shown when the pointer rests on a cell."
    )
    lead = "The same answers as above, divided. Rows are sorted with the weakest of the best arm first."
    return Section(
        id="parts", title="Where it is strong and weak", lead=lead, blocks=(*blocks, Prose(text=note, tone="note"))
    )


def count_of(small: int, whole: int) -> str:
    """`12 of 40 cells rest on`."""
    return f"{small} of {plural(whole, 'cell')} rest on" if small != 1 else f"1 of {plural(whole, 'cell')} rests on"


def _divisions(material: Material) -> list[tuple[str, Named, bool]]:
    """What the rows are, how a question's row is named, and whether the map starts folded."""

    def subject(question: Question) -> str:
        return material.subject(question.source)

    def section(question: Question) -> str:
        heading = material.sections.get(question.chunk, "")
        return f"{question.source}{BETWEEN}{heading}" if heading else ""

    return [
        ("kind of question", lambda question: question.kind, False),
        ("subject", subject, False),
        ("document", lambda question: question.source, False),
        ("section", section, True),
    ]


def _counted(
    grades: Sequence[Grade], questions: Mapping[str, Question], named: Named
) -> dict[str, dict[str, list[bool]]]:
    """Marks by row and arm; questions that belong to no row are left out."""
    found: dict[str, dict[str, list[bool]]] = {}
    for grade in grades:
        question = questions.get(grade.question)
        row = named(question) if question else ""
        if row and grade.correct is not None:
            found.setdefault(row, {}).setdefault(grade.arm, []).append(grade.correct)
    return found


def _heat(
    exam: Exam, name: str, rows_are: str, found: Mapping[str, Mapping[str, Sequence[bool]]], is_folded: bool
) -> list[Block]:
    """The map; nothing where it would have but one row, which is the whole exam."""
    if not found or (len(found) < 2 and rows_are != "kind of question"):
        return []
    best = best_arm(exam, name, exam.arms())

    def strength(row: str) -> tuple[float, str]:
        marks = found[row].get(best, [])
        return (sum(marks) / len(marks) if marks else 0.0, row)

    arms = [arm for arm in exam.arms() if any(arm in row for row in found.values())]
    names = sorted(found, key=strength)
    rows = tuple((row, tuple(_cell(found[row].get(arm, ())) for arm in arms)) for row in names[:MOST_ROWS])
    caption = f"{name.capitalize()}, by {rows_are}"
    if len(names) > MOST_ROWS:
        caption += f": the {MOST_ROWS} weakest of {len(names)}"
    return [Heat(caption=caption, rows_are=rows_are, columns=tuple(arms), rows=rows, folded=is_folded)]


def _cell(marks: Sequence[bool]) -> HeatCell | None:
    if not marks:
        return None
    share = statistics.wilson(sum(marks), len(marks))
    return HeatCell(share=share.value, low=share.low, high=share.high, n=share.n, is_small=share.n < SMALL)
