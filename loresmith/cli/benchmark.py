"""`loresmith benchmark`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith import artifact
from loresmith.artifact import Artifact
from loresmith.cli.environment import prepare
from loresmith.cli.options import options_from
from loresmith.cli.place import PATH, show_json
from loresmith.cli.render import follow
from loresmith.models import locate
from loresmith.models.remote import is_remote
from loresmith.pipeline import Project, open_project
from loresmith.pipeline.project import RECIPE
from loresmith.pipeline.stages import BENCHMARKS, stage
from loresmith.recipe import parse
from loresmith.recipe.benchmark import BenchmarkConfig

if TYPE_CHECKING:
    from loresmith.benchmark import Examinee
    from loresmith.benchmark.results import Results

FEW = 30
"""Questions below which a figure says little."""


@click.command("benchmark")
@click.argument("place")
@options_from(BenchmarkConfig)
@click.option("--out", type=PATH, help="Folder for the results [default: PROJECT/benchmarks, or MODEL-benchmarks].")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(place: str, out: Path | None, as_json: bool, **given: Any) -> None:
    """Ask public benchmarks of PLACE: a project (base and adapter), or a model (folder, Hub id, `starter`).

    Prompts, worked examples and grading are those of lm-evaluation-harness, and so are the figures. A killed run
    goes on where it stopped; results that are there already are shown again.
    """
    config = parse(BenchmarkConfig, {name: value for name, value in given.items() if value not in (None, ())})
    project = open_project(Path(place)) if (Path(place) / RECIPE).is_file() else None
    base = project.recipe.model.base if project else place
    from loresmith.benchmark.sources import is_remote as has_remote_questions
    from loresmith.benchmark.table import chosen

    prepare(needs_hub=is_remote(base) or has_remote_questions(chosen(config.tasks), config.data))
    from loresmith import benchmark

    examinee = _of_project(project, config) if project else _of_model(place, config)
    target = out or (project.path / BENCHMARKS if project else Path(f"{examinee.source.name}-benchmarks"))
    made = follow(benchmark.run(examinee, config, target), quiet=as_json)
    _show(made, as_json)
    if not as_json:
        click.echo(f"Next: loresmith {_next(project) if project else 'init my-expert --documents FOLDER'}")


def _next(project: Project) -> str:
    """The report shows the results; where the examination is missing, the run makes both."""
    is_examined = (project.path / stage("evaluate").folder / artifact.MANIFEST).is_file()
    return f"{'report' if is_examined else 'run'} {project.path}"


def _of_project(project: Project, config: BenchmarkConfig) -> "Examinee":
    from loresmith.benchmark import Examinee

    model, folder = project.recipe.model, project.path / stage("train").folder
    is_trained = (folder / artifact.MANIFEST).is_file()
    adapter = artifact.read(folder, made_by="train") if is_trained or "lora" in config.arms else None
    return Examinee(locate.find(model.base, model.revision), config.dtype or model.dtype, adapter)


def _of_model(place: str, config: BenchmarkConfig) -> "Examinee":
    from loresmith.benchmark import Examinee

    return Examinee(locate.find(place), config.dtype or "auto")


def _show(made: list[Artifact], as_json: bool) -> None:
    from loresmith.benchmark.results import Results
    from loresmith.benchmark.sitting import RESULTS

    found = [Results.model_validate_json((one / RESULTS).read_bytes()) for one in made]
    if as_json:
        show_json(
            [
                {**results.model_dump(mode="json"), "path": str(one.path)}
                for one, results in zip(made, found, strict=True)
            ]
        )
        return
    for one, results in zip(made, found, strict=True):
        click.echo("\n".join([*_lines(results), f"  → {one.path}"]))


def _lines(results: "Results") -> list[str]:
    setting = results.setting
    form = "chat template" if setting.chat_template else "plain prompt"
    asked = f"{results.asked:,} questions"
    if results.limit is not None:
        asked = (
            f"LIMITED to {results.asked:,} of {results.data.rows:,} questions: an estimate, not the benchmark's figure"
        )
    lines = [f"{results.task} ({setting.few_shot}-shot, {form}, {setting.dtype}; {asked})"]
    for score in results.scores:
        value = score.value
        where = f" {score.subject}" if score.subject else ""
        unread = f", {score.unread} could not be read" if score.unread else ""
        lines.append(
            f"  {score.arm}{where}: {score.metric} {value.value:.4f} [{value.low:.4f}, {value.high:.4f}] "
            f"n = {value.n:,}{unread}{' (few)' * (value.n < FEW)}"
        )
    for pair in results.comparisons:
        gap = pair.difference
        p = "" if pair.p is None else f", won {pair.won}, lost {pair.lost}, p = {pair.p:.3f}"
        lines.append(
            f"  {pair.better} - {pair.than}: {pair.metric} {100 * gap.value:+.2f} points "
            f"[{100 * gap.low:+.2f}, {100 * gap.high:+.2f}]{p}"
        )
    lines += [f"  note: {remark}" for remark in results.data.remarks]
    lines += [f"  dropped {count}: {reason}" for reason, count in results.data.dropped.items()]
    if results.cut:
        lines.append(f"  note: {results.cut} prompts lost their beginning, since they do not fit the model's window")
    return lines
