"""Whether the model knows what it knows: certainty of choices against how often they are right, arm by arm."""

import zlib
from collections.abc import Sequence

import numpy as np

from loresmith.records import UNANSWERABLE, Grade
from loresmith.report import reliability
from loresmith.report.content import Block, Column, Picture, Prose, Section, Table
from loresmith.report.material import Material
from loresmith.report.pictures import reliability as diagram
from loresmith.report.reliability import Calibration, Choice
from loresmith.report.wording import count, percent, plural
from loresmith.statistics import SMALL

LEAD = (
    "When the model is 80% sure of a choice, is it right 8 times out of 10? On the dashed line it is. Dots below the "
    "line: it is too sure of itself, and its certainty must not be taken for knowledge. Above: it knows more than it "
    "dares to say."
)
NOTE = (
    "How sure: the probability of the chosen option against the other options of the question (softmax over their "
    "log-probabilities, brought to one length where words are weighed). Dots gather the choices of one tenth of the "
    f"scale, with the Wilson 95% interval of their accuracy; hollow dots with dotted lines rest on fewer than {SMALL} "
    "choices. The calibration error (ECE) is the mean distance of dots and line, weighted by choices (Naeini et al. "
    "2015; Guo et al. 2017, eq. 3). Chance alone gives a perfectly calibrated model an error too: “by chance” is what "
    "95 of 100 such models stay below with the same certainties."
)


def calibration(material: Material) -> Section | None:
    """A diagram for each arm and a table for each exam; `None` where no choice was asked."""
    exam = material.exam
    choices = [grade for grade in material.all_grades if grade.form == "choice" and grade.exam != UNANSWERABLE]
    if exam is None or not choices:
        return None
    known, silent = {}, []
    for arm in exam.arms():
        if found := _found(material, [grade for grade in choices if grade.arm == arm], "all", arm):
            known[arm] = found
        elif any(grade.arm == arm for grade in choices):
            silent.append(arm)
    blocks: list[Block] = []
    if known:
        panels = tuple(
            diagram.panel(f"{arm}: off by {_points(one)}", one, arm.replace("+", "-")) for arm, one in known.items()
        )
        text = "\n\n".join(diagram.plain(f"{arm}: off by {_points(one)}", one) for arm, one in known.items())
        caption = (
            f"All exams together: {plural(max(one.n for one in known.values()), 'multiple-choice answer')} an arm."
        )
        blocks += [Picture(caption=caption, panels=panels, text=text), _table(material, choices, list(known))]
        blocks.append(Prose(text=NOTE, tone="note"))
    if silent:
        text = f"Of {', '.join(silent)} no likelihoods are recorded"
        text += ", or too few to tell: such an arm wrote its letters, or sat the exam before they were recorded."
        blocks.append(Prose(text=text, tone="note"))
    return Section(
        id="calibration", title="Does it know what it knows?", lead=LEAD if known else "", blocks=tuple(blocks)
    )


def _found(material: Material, grades: Sequence[Grade], exam: str, arm: str) -> Calibration | None:
    """The calibration of one arm; `None` where nothing is recorded, or too little."""
    asked = material.exam
    by_letter = asked is not None and asked.scoring.get(arm, asked.choice_scoring) != "text"
    given = []
    for grade in grades:
        question = material.questions.get(grade.question)
        sure = reliability.certainty(grade, question, by_letter=by_letter) if question else None
        if sure is not None:
            given.append(Choice(sure, grade.correct is True, grade.document, grade.fact))
    if not given:
        return None
    config = material.recipe.evaluate
    rng = np.random.default_rng([config.seed, zlib.crc32(f"calibration/{exam}/{arm}".encode())])
    return reliability.calibration(given, rng, config.bootstrap_samples)


def _table(material: Material, choices: Sequence[Grade], arms: Sequence[str]) -> Table:
    exams = list(dict.fromkeys(grade.exam for grade in choices))
    rows = []
    for exam in exams:
        for arm in arms:
            own = [grade for grade in choices if (grade.exam, grade.arm) == (exam, arm)]
            found = _found(material, own, exam, arm)
            if found is None:
                continue
            error = found.error
            rows.append(
                (
                    exam,
                    arm,
                    count(found.n),
                    percent(found.right),
                    percent(found.certainty),
                    _points(found).removesuffix(" points"),
                    f"[{100 * error.low:.1f}, {100 * error.high:.1f}]",
                    f"{100 * found.by_chance:.1f}",
                    words(found),
                )
            )
    names = ("Exam", "Arm", "n", "Right", "Sure, mean", "Error (ECE), points", "95% interval", "By chance", "In words")
    columns = tuple(Column(name=name, is_number=name not in ("Exam", "Arm", "In words")) for name in names)
    return Table(caption="Calibration of multiple-choice answers", columns=columns, rows=tuple(rows))


def words(found: Calibration) -> str:
    """What the error says: too sure, too modest, or nothing that chance would not give."""
    few = "few; " if found.n < SMALL else ""
    if not found.is_seen:
        return f"{few}no more than chance"
    apart = found.certainty - found.right
    if abs(apart) < found.error.value / 2:  # most of the error cancels out
        return f"{few}too sure in places, too modest in others"
    return f"{few}{'too sure' if apart > 0 else 'too modest'}"


def _points(found: Calibration) -> str:
    return f"{100 * found.error.value:.1f} points"
