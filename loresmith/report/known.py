"""What the model knew before training, and what was learned beside it."""

from loresmith.records import Estimate
from loresmith.report.content import Column, Prose, Section, Table
from loresmith.report.exam import WAYS, Known
from loresmith.report.material import Material
from loresmith.report.wording import count, interval, percent, plural

NOT_ASKED = "–"


def known_already(material: Material) -> Section | None:
    """The facts that the base answered right without sources, and each arm on the others."""
    exam = material.exam
    if exam is None or not exam.known:
        return None
    columns = (
        Column(name="Exam"),
        Column(name="Arm"),
        Column(name="Not known before", is_number=True),
        Column(name="Right now", is_number=True),
        Column(name="95% interval", is_number=True),
        Column(name="Known before", is_number=True),
        Column(name="Still right", is_number=True),
    )
    rows = tuple(
        (
            found.exam,
            way.arm,
            count(_not_known(found)),
            *_shown(way.learned),
            count(_known(found)),
            _shown(way.kept)[0],
        )
        for found in exam.known
        for way in found.arms
    )
    note = (
        "A fact counts as known already when the model as it was answers its short question right without sources; "
        "multiple choice is left out, since some of it is right by guessing. On facts that were not known it has "
        "nothing right, so the share that is right now is the gain on them."
    )
    return Section(
        id="known",
        title="What was known already",
        lead=" ".join(_told(found) for found in exam.known),
        blocks=(Table(caption="Learned and kept, short questions", columns=columns, rows=rows), Prose(text=note)),
    )


def _told(found: Known) -> str:
    said = f"{found.exam.capitalize()}: {_known(found)} of {plural(found.known.n, 'fact')} known before training"
    for way in found.arms:
        if way.arm == "lora" and way.learned is not None:
            said += f"; of the other {count(way.learned.n)}, {percent(way.learned.value)} {interval(way.learned)}"
            said += f" are answered {WAYS['lora']}"
    return f"{said}."


def _known(found: Known) -> int:
    return round(found.known.value * found.known.n)


def _not_known(found: Known) -> int:
    return found.known.n - _known(found)


def _shown(share: Estimate | None) -> tuple[str, str]:
    return (percent(share.value), interval(share)) if share else (NOT_ASKED, NOT_ASKED)
