"""Public benchmarks before and after training, each under its own settings.

Reads what `loresmith benchmark` left in the project, and what the recipe asked for. Base and adapter of one task were
asked the same questions in the same way and are compared; tasks are never compared with one another.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from loresmith import artifact, statistics
from loresmith.errors import ArtifactCorrupt
from loresmith.records import Estimate
from loresmith.report.content import Block, Column, Heat, HeatCell, Points, Prose, Section, Table
from loresmith.report.exam import Row
from loresmith.report.material import Material
from loresmith.report.wording import count, interval, p_value, percent, plural, points, points_interval
from loresmith.statistics import SMALL

MADE_BY = "benchmark"
RESULTS = "results.json"
SHOWN_DIGITS = 8
"""Of a template's or an adapter's hash."""


class Score(Row):
    """One metric in one arm."""

    arm: str
    metric: str
    subject: str
    value: Estimate
    unread: int = 0


class Compared(Row):
    """Two arms on the same questions."""

    better: str
    than: str
    metric: str
    difference: Estimate
    won: int
    lost: int
    p: float | None
    visible: float | None


class Setting(Row):
    """How the questions were asked."""

    few_shot: int
    chat_template: str
    dtype: str
    harness: str


class Account(Row):
    """Which questions there were."""

    rows: int
    split: str
    official: int | None
    remarks: tuple[str, ...] = ()


class Results(Row):
    """One benchmark."""

    task: str
    model: str
    adapter: str
    asked: int
    limit: int | None
    cut: int
    scores: tuple[Score, ...]
    comparisons: tuple[Compared, ...]
    setting: Setting
    data: Account


def read(files: Mapping[str, Path]) -> tuple[Results, ...]:
    """The results in `files`, by name.

    Raises:
        ArtifactCorrupt: one of them is not as its manifest says, or cannot be read.
    """
    found = []
    for _, path in sorted(files.items()):
        artifact.read(path.parent, made_by=MADE_BY)
        try:
            found.append(Results.model_validate_json(path.read_bytes()))
        except ValidationError as fault:
            raise ArtifactCorrupt(path.parent, f"{path.name} cannot be read", made_by=MADE_BY) from fault
    return tuple(found)


def benchmarks(material: Material) -> Section | None:
    """Every task in a table, with its settings; subjects as a map; `None` where nothing was asked."""
    found = read(_asked_anywhere(material))
    if not found:
        return None
    adjusted = _adjusted(found)
    blocks: list[Block] = [_scores(found, adjusted), _settings(found)]
    if warned := [*_remarks(found), *_others(material, found)]:
        blocks.append(Points(items=tuple(warned), tone="warning"))
    blocks += [_subjects(one) for one in found if any(score.subject for score in one.scores)]
    blocks.append(
        Prose(
            text=(
                "Before and after are the same questions, asked in the same way. Figures of different rows are not "
                "comparable with one another, and with published figures only where the settings are theirs: few-shot "
                "examples, chat template and precision move a score by more than training does. The difference is "
                "paired, p is the exact McNemar test, adjusted by Holm for all rows."
            ),
            tone="note",
        )
    )
    return Section(id="benchmarks", title="Public benchmarks", lead=_lead(found, adjusted), blocks=tuple(blocks))


def _asked_anywhere(material: Material) -> dict[str, Path]:
    """Results that the recipe asked for, and those of `loresmith benchmark` on other tasks."""
    made = material.parents.get(MADE_BY)
    asked = {path.parent.name: path for path in made.path.glob(f"*/{RESULTS}")} if made else {}
    by_hand = {name: path for name, path in material.benchmarks.items() if path.parent.name not in asked}
    return {**asked, **by_hand}


def _key(one: Results, pair: Compared) -> str:
    return f"{one.task}/{pair.metric}"


def _adjusted(found: Sequence[Results]) -> dict[str, float]:
    return statistics.holm({_key(one, pair): pair.p for one in found for pair in one.comparisons if pair.p is not None})


def _is_clear(pair: Compared, p: float | None) -> bool:
    apart = pair.difference.low > 0 or pair.difference.high < 0
    return apart and (p is None or p < 0.05)


def _lead(found: Sequence[Results], adjusted: Mapping[str, float]) -> str:
    # of each task its first measure, which is the one that decides
    pairs = [(one.task, pair, adjusted.get(_key(one, pair))) for one in found for pair in one.comparisons[:1]]
    if not pairs:
        return "General ability of the model, measured by public benchmarks; no trained model was asked beside it."
    lead = "What training did to general ability, measured by public benchmarks."
    for word, sign in (("fell", -1), ("rose", 1)):
        moved = [
            f"{task} by {100 * abs(pair.difference.value):.1f} points"
            for task, pair, p in pairs
            if _is_clear(pair, p) and sign * pair.difference.value > 0
        ]
        if moved:
            lead += f" It {word} in {', '.join(moved)}."
    if not any(_is_clear(pair, p) for _, pair, p in pairs):
        seen = max((pair.visible for _, pair, _ in pairs if pair.visible is not None), default=None)
        lead += " No change is clear"
        lead += f"; changes below {100 * seen:.0f} points may be missed with so few questions." if seen else "."
    return lead


def _scores(found: Sequence[Results], adjusted: Mapping[str, float]) -> Table:
    names = ("Benchmark", "Measure", "Questions", "Before (base)", "After (adapter)", "Points", "p (Holm)")
    rows = []
    for one in found:
        for metric in dict.fromkeys(score.metric for score in one.scores):
            before, after = _whole(one, "base", metric), _whole(one, "lora", metric)
            pair = next((pair for pair in one.comparisons if pair.metric == metric), None)
            p = adjusted.get(_key(one, pair)) if pair else None
            rows.append(
                (
                    one.task,
                    metric,
                    _asked(one),
                    _shown(before),
                    _shown(after),
                    f"{points(pair.difference.value)} {points_interval(pair.difference)}" if pair else "–",
                    p_value(p) if p is not None else "–",
                )
            )
    columns = tuple(Column(name=name, is_number=name not in names[:2]) for name in names)
    return Table(caption="Before and after training", columns=columns, rows=tuple(rows))


def _whole(one: Results, arm: str, metric: str) -> Score | None:
    return next((s for s in one.scores if (s.arm, s.metric, s.subject) == (arm, metric, "")), None)


def _shown(score: Score | None) -> str:
    if score is None:
        return "not asked"
    few = ", few" if score.value.n < SMALL else ""
    return f"{percent(score.value.value)} {interval(score.value)}{few}"


def _asked(one: Results) -> str:
    return count(one.asked) if one.limit is None else f"{count(one.asked)} of {count(one.data.rows)}"


def _settings(found: Sequence[Results]) -> Table:
    names = ("Benchmark", "Worked examples", "Prompt", "Precision", "Split", "As in", "Whole benchmark")
    rows = tuple(
        (
            one.task,
            f"{one.setting.few_shot}-shot",
            f"chat template {one.setting.chat_template[:SHOWN_DIGITS]}" if one.setting.chat_template else "plain text",
            one.setting.dtype,
            one.data.split or "–",
            one.setting.harness or "no other tool",
            f"limited to {count(one.asked)}: an estimate" if one.limit is not None else "yes",
        )
        for one in found
    )
    return Table(caption="How each was asked", columns=tuple(Column(name=name) for name in names), rows=rows)


def _remarks(found: Sequence[Results]) -> list[str]:
    told = []
    for one in found:
        family = one.task.split(":")[0]
        told += [said if said.startswith(family) else f"{one.task}: {said}" for said in one.data.remarks]
        if one.cut:
            cut = plural(one.cut, "prompt")
            told.append(f"{one.task}: {cut} did not fit the model's window and lost the beginning.")
        unread = sum(score.unread for score in one.scores if not score.subject)
        if unread:
            told.append(f"{one.task}: {plural(unread, 'answer')} could not be read and count as wrong.")
    return told


def _others(material: Material, found: Sequence[Results]) -> list[str]:
    """What has to be said of results that are of another model or adapter than this report's."""
    told = []
    adapter = material.parents["train"].manifest.content if "train" in material.parents else ""
    for one in found:
        if material.model is not None and one.model != material.model.name:
            told.append(f"{one.task} was asked of {one.model}, not of this run's {material.model.name}.")
        elif one.adapter and adapter and one.adapter != adapter:
            shown = one.adapter[:SHOWN_DIGITS]
            told.append(f"{one.task} was asked of another adapter ({shown}) than this run's: ask again.")
    return told


def _subjects(one: Results) -> Heat:
    """Accuracy by subject and group of subjects, the first measure."""
    metric = one.scores[0].metric
    arms = tuple(dict.fromkeys(score.arm for score in one.scores))
    cells = {(s.subject, s.arm): _cell(s.value) for s in one.scores if s.metric == metric and s.subject}
    names = sorted(dict.fromkeys(subject for subject, _ in cells))
    rows = tuple((name.replace("_", " "), tuple(cells.get((name, arm)) for arm in arms)) for name in names)
    caption = f"{one.task}, by subject ({metric})"
    return Heat(caption=caption, rows_are="subject", columns=arms, rows=rows, folded=len(rows) > 20)


def _cell(value: Estimate) -> HeatCell:
    return HeatCell(share=value.value, low=value.low, high=value.high, n=value.n, is_small=value.n < SMALL)
