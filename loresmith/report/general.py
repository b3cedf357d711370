"""What training cost elsewhere: public benchmarks before and after, against the floor that the recipe sets."""

from pydantic import ValidationError

from loresmith.errors import ArtifactCorrupt
from loresmith.records import Estimate
from loresmith.report.content import Block, Column, Points, Prose, Section, Table
from loresmith.report.exam import Row
from loresmith.report.material import Material
from loresmith.report.wording import count, interval, p_value, percent, points, points_interval

STAGE = "benchmark"
HELD = {"holds": "kept", "broken": "fell", "open": "not proven"}


class Score(Row):
    """One metric in one arm."""

    metric: str
    value: Estimate


class Compared(Row):
    """Adapter and base on the same questions."""

    difference: Estimate
    p: float | None


class Rule(Row):
    """The floor."""

    status: str
    words: str


class Benchmarked(Row):
    """One benchmark before and after training."""

    task: str
    asked: int
    limit: int | None
    available: int
    few_shot: int
    chat_template: bool
    before: Score
    after: Score
    compared: Compared
    rule: Rule
    remarks: tuple[str, ...]


class General(Row):
    """All of them."""

    outcome: str
    headline: str
    benchmarks: tuple[Benchmarked, ...]


def found(material: Material) -> General | None:
    """The benchmarks that were asked; `None` where the recipe asks for none.

    Raises:
        ArtifactCorrupt: their results cannot be read.
    """
    made = material.parents.get(STAGE)
    if made is None:
        return None
    try:
        return General.model_validate_json((made / "results.json").read_bytes())
    except (OSError, ValidationError) as fault:
        raise ArtifactCorrupt(made.path, "results.json cannot be read", made_by="evaluate") from fault


def headline(material: Material, said: str) -> str:
    """The headline `said`, behind what forbids shipping the adapter where general ability fell."""
    general = found(material)
    return f"{general.headline} {said}" if general and general.outcome == "broken" else said


def cautions(material: Material) -> tuple[str, ...]:
    """What has to be said where it is open whether general ability holds."""
    general = found(material)
    return (general.headline,) if general and general.outcome == "open" else ()


def general_ability(material: Material) -> Section | None:
    """The section; `None` where nothing was asked."""
    general = found(material)
    if general is None:
        return None
    names = ("Benchmark", "Base", "Adapter", "Difference, points", "p", "Questions", "Floor")
    columns = tuple(Column(name=name, is_number=0 < place < len(names) - 1) for place, name in enumerate(names))
    table = Table(
        caption="Public benchmarks before and after training",
        columns=columns,
        rows=tuple(_row(one) for one in general.benchmarks),
    )
    blocks: list[Block] = [table]
    told = [f"{one.task}: {one.rule.words}." for one in general.benchmarks if one.rule.status != "holds"]
    if told:
        blocks.append(Points(items=tuple(told), tone="warning"))
    remarks = [remark for one in general.benchmarks for remark in one.remarks]
    remarks += [
        f"{one.task} is limited to {count(one.asked)} of {count(one.available)} questions: an estimate of its figure"
        for one in general.benchmarks
        if one.limit is not None
    ]
    note = "Asked and graded as lm-evaluation-harness does; the same questions in both arms, without sources."
    blocks += [Points(items=tuple(remarks))] if remarks else []
    blocks.append(Prose(text=note, tone="note"))
    return Section(id="general", title="General ability", lead=general.headline, blocks=tuple(blocks))


def _row(one: Benchmarked) -> tuple[str, ...]:
    gap = one.compared.difference
    shape = f"{one.few_shot}-shot{', chat template' if one.chat_template else ''}, {one.before.metric}"
    return (
        f"{one.task} ({shape})",
        f"{percent(one.before.value.value)} {interval(one.before.value)}",
        f"{percent(one.after.value.value)} {interval(one.after.value)}",
        f"{points(gap.value)} {points_interval(gap)}",
        p_value(one.compared.p) if one.compared.p is not None else "–",
        count(one.asked),
        HELD[one.rule.status],
    )
