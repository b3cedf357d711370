"""The public benchmarks that a recipe asks for: what the adapter cost elsewhere, held against the gate's floor.

Asks each of `evaluate.benchmarks` of the base model and of the adapter, in a folder of its own with every mark, the
settings and the hashes (see `sitting`); writes `results.json` (`General`: the paired differences, and the rule that
each must keep). The model is loaded once. A killed run asks no question twice, and neither does one with other
benchmarks beside those that are there, or after `loresmith benchmark` asked them.

Not covered: arms with sources, the exported file, models on servers.
"""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from loresmith import artifact
from loresmith.artifact import Artifact, Draft, Plan
from loresmith.benchmark import Examinee
from loresmith.benchmark.hall import Hall
from loresmith.benchmark.results import Compared, Results, Score
from loresmith.benchmark.sitting import RESULTS, sit
from loresmith.benchmark.table import Chosen, chosen
from loresmith.compare import contests
from loresmith.compare.benchmark_folder import BASE, TRAINED, opened, read_benchmarks
from loresmith.compare.gate import Rule, floors
from loresmith.errors import LoresmithError
from loresmith.models import locate
from loresmith.progress import Work
from loresmith.recipe import AskedBenchmark
from loresmith.recipe.benchmark import BenchmarkConfig
from loresmith.recipe.settings import BenchmarkSettings
from loresmith.records import Record

TAKEN = ".taken"
"""Where an earlier result is copied before it gets its place, which must hold a whole one or none."""
BY_HAND = "benchmarks"
"""Where `loresmith benchmark` leaves its results in a project."""


class Benchmarked(Record):
    """One benchmark before and after training."""

    task: str
    asked: int
    limit: int | None
    """As it was set, where it cut."""
    available: int
    few_shot: int
    chat_template: bool
    before: Score
    after: Score
    compared: Compared
    """By the metric that decides."""
    rule: Rule
    remarks: tuple[str, ...]
    """Where the questions are not the official ones."""


class General(Record):
    """What training cost elsewhere."""

    outcome: Literal["holds", "broken", "open"]
    headline: str
    benchmarks: tuple[Benchmarked, ...]


def run(plan: Plan, target: Path, files: Mapping[str, Path]) -> Work[Artifact]:
    """Ask the benchmarks of `plan`, whose `files` stand under their names, and leave all results at `target`.

    Raises:
        UserError: questions cannot be read or fetched, or the model cannot be asked.
    """
    settings = plan.settings
    if not isinstance(settings, BenchmarkSettings):
        raise LoresmithError(f"{plan.stage} got {type(settings).__name__}.", next_step="This is a bug: please report.")
    source = locate.find(settings.model.base, settings.model.revision)
    examinee = Examinee(source, settings.model.dtype, plan.parents["train"])
    with artifact.create(target, plan, resume=True) as draft:
        made: dict[str, Artifact] = {}
        with Hall(examinee, BenchmarkConfig()) as hall:
            for asked in settings.benchmarks:
                for one in chosen([asked.name]):
                    _take(draft.path, one, (target, target.with_name(BY_HAND)))
                    there = hall.under(_config(asked, settings, files))
                    made[one.name] = yield from sit(there, one, draft.path / one.folder, alone=True)
        _write(draft, settings, made)
    return artifact.read(target, made_by=plan.stage)


def _config(asked: AskedBenchmark, settings: BenchmarkSettings, files: Mapping[str, Path]) -> BenchmarkConfig:
    return BenchmarkConfig(
        tasks=(asked.name,),
        data=tuple(f"{asked.name}={path}" for name, path in files.items() if name.startswith(f"{asked.name}/")),
        limit=asked.limit,
        few_shot=asked.few_shot,
        chat_template=asked.chat_template,
        bootstrap_samples=settings.bootstrap_samples,
        seed=settings.seed,
    )


def _take(draft: Path, one: Chosen, places: Iterable[Path]) -> None:
    """Copy the results of `one` from where they may lie; whether they hold, `sit` finds out."""
    shutil.rmtree(draft / TAKEN, ignore_errors=True)
    for place in places:
        if not (draft / one.folder).exists() and (place / one.folder / artifact.MANIFEST).is_file():
            shutil.copytree(place / one.folder, draft / TAKEN)
            (draft / TAKEN).rename(draft / one.folder)


def _write(draft: Draft, settings: BenchmarkSettings, made: Mapping[str, Artifact]) -> None:
    asked = opened(one.path for one in made.values())
    before, after = (read_benchmarks(draft.path, asked, arm) for arm in (BASE, TRAINED))
    rules = floors(contests.general([before], [after]), settings.floor)
    each = tuple(
        _benchmarked(Results.model_validate_json((one / RESULTS).read_bytes()), rule)
        for one, rule in zip(made.values(), rules, strict=True)
    )
    outcome, headline = concluded(each, settings.floor)
    general = General(outcome=outcome, headline=headline, benchmarks=each)
    artifact.write_whole(draft.path / RESULTS, general.model_dump_json(indent=1))
    draft.counts["kept"] = sum(one.manifest.counts["kept"] for one in made.values())
    draft.balance(draft.counts["kept"])
    draft.notes.update(headline=headline, outcome=outcome)


def _benchmarked(results: Results, rule: Rule) -> Benchmarked:
    pair = min(
        (pair for pair in results.comparisons if pair.metric in contests.DECIDING),
        key=lambda pair: contests.DECIDING.index(pair.metric),
    )
    before, after = results.score(BASE, pair.metric), results.score(TRAINED, pair.metric)
    assert before is not None and after is not None
    return Benchmarked(
        task=results.task,
        asked=results.asked,
        limit=results.limit,
        available=results.data.rows,
        few_shot=results.setting.few_shot,
        chat_template=bool(results.setting.chat_template),
        before=before,
        after=after,
        compared=pair,
        rule=rule,
        remarks=results.data.remarks,
    )


def concluded(each: Iterable[Benchmarked], floor: float) -> tuple[Literal["holds", "broken", "open"], str]:
    """What all rules together say, and in which words."""
    rules = [one.rule for one in each]
    if broken := [rule for rule in rules if rule.status == "broken"]:
        return "broken", f"Do not ship the adapter: {'; '.join(rule.words for rule in broken)}."
    if unproven := [rule for rule in rules if rule.status == "open"]:
        return "open", f"General ability is not proven to hold: {'; '.join(rule.words for rule in unproven)}."
    return "holds", f"General ability holds: at least {100 * floor:g}% of {', '.join(rule.name for rule in rules)}."
