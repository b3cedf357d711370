"""The parts of a report in their order."""

from loresmith import __version__
from loresmith.report import (
    benchmarks,
    blind,
    calibration,
    cost,
    examples,
    failures,
    general,
    heat,
    known,
    learning,
    long_answers,
    next_steps,
    outcome,
    provenance,
    quality,
    reading,
    shipping,
    technical,
)
from loresmith.report.content import Highlight, Report, Section
from loresmith.report.exam import IN_MEMORY
from loresmith.report.material import Material
from loresmith.report.wording import count, interval, percent

UNEXAMINED = "Nothing was examined yet, so nothing can be said about the model."


def compose(material: Material) -> Report:
    """All that the artifacts at hand can tell, the verdict first."""
    exam, config = material.exam, material.recipe.report
    steps = next_steps.next_steps(material)
    sections: list[Section | None] = [
        outcome.arms(material),
        outcome.added(material),
        long_answers.long_answers(material),
        known.known_already(material),
        steps,
        examples.examples(material),
        heat.weak_spots(material),
        failures.failures(material),
        blind.blind(material),
        calibration.calibration(material),
        outcome.retrieval(material),
        quality.quality(material),
        general.general_ability(material),
        benchmarks.benchmarks(material),
        learning.training(material),
        shipping.shipped(material),
        reading.documents(material),
        reading.questions(material),
        cost.cost(material),
    ]
    cautions = (*general.cautions(material), *(exam.verdict.cautions if exam else ()))
    if material.settings.rehearsed:
        cautions = ("This was a rehearsal with the starter model and small sizes.", *cautions)
    return Report(
        name=material.recipe.name,
        title=config.title or f"{material.recipe.name}: examination report",
        author=config.author,
        decision=exam.verdict.decision if exam else "unclear",
        headline=general.headline(material, exam.verdict.headline if exam else UNEXAMINED),
        highlights=tuple(_highlights(material)),
        evidence=exam.verdict.evidence if exam else (),
        cautions=cautions,
        sections=(*(section for section in sections if section is not None), provenance.provenance(material)),
        next=next_steps.first(steps),
        technical=technical.technical(material),
        version=__version__,
    )


def _highlights(material: Material) -> list[Highlight]:
    found: list[Highlight] = []
    exam = material.exam
    if exam is not None:
        decided = exam.verdict.decision
        arms = [arm for arm in exam.arms() if arm in IN_MEMORY and arm != "base"]
        for name in exam.exams():
            arm = decided if decided in arms else outcome.best_arm(exam, name, arms) if arms else "base"
            before, after = exam.cell(name, "base"), exam.cell(name, arm)
            if after is not None:
                was = f"{percent(before.accuracy.value)} → " if before and arm != "base" else ""
                label = f"{name.capitalize()}, {'base → ' if was else ''}{arm}"
                detail = f"{interval(after.accuracy)}, n = {count(after.n)}"
                found.append(Highlight(label=label, value=f"{was}{percent(after.accuracy.value)}", detail=detail))
    if (parity := material.parity) is not None:
        alike = shipping.agreement(parity)
        value = f"{alike[0]} of {alike[1]}" if alike else "–"
        detail = "parity passed" if parity.get("passed") else "parity failed"
        found.append(Highlight(label="Shipped file agrees on", value=value, detail=f"choices; {detail}"))
    if material.documents:
        asked = count(material.counts("generate").get("kept", 0))
        found.append(
            Highlight(label="From", value=str(len(material.documents)), detail=f"documents, {asked} questions")
        )
    return found
