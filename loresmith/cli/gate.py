"""`loresmith gate`: promote a new version, or keep the old."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loresmith.cli.environment import prepare
from loresmith.cli.options import options_from
from loresmith.cli.place import PATH, show_json
from loresmith.recipe import GateConfig, parse

if TYPE_CHECKING:
    from loresmith.compare.gate import Decision

KEPT = 1
"""Exit code of a version that is not promoted."""


@click.command("gate")
@click.argument("candidate", type=PATH)
@click.option("--baseline", type=PATH, help="Results of the old version [default: the base model in CANDIDATE's exam].")
@click.option("--baseline-arm", help="Arm of the old version [default: the new one's with --baseline, else base].")
@click.option("--general", multiple=True, type=PATH, help="The new version's benchmark results; repeat for more.")
@click.option("--general-baseline", multiple=True, type=PATH, help="The old version's; repeat for more.")
@options_from(GateConfig)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def command(
    candidate: Path,
    baseline: Path | None,
    general: tuple[Path, ...],
    general_baseline: tuple[Path, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Decide whether the new version CANDIDATE may replace the old one, and say why.

    CANDIDATE is a project, or any results that `loresmith compare` reads. The rules stand under `gate` in the project's
    recipe; benchmarks that it asked (`evaluate.benchmarks`) count without being named. Exit code 0: promote; 1: keep
    the old version, or cannot tell; 2: bad input.
    """
    prepare(torch_works=False)
    from loresmith.compare import contests
    from loresmith.compare.benchmark_folder import asked_in
    from loresmith.compare.exam_folder import arm_at
    from loresmith.compare.gate import decide
    from loresmith.compare.reading import read

    baseline_arm = given.pop("baseline_arm")
    config = _config(candidate, given)
    arm = config.arm or arm_at(candidate)
    old_arm = baseline_arm or (arm if baseline else "base")
    held = contests.exams(read(baseline or candidate, old_arm), read(candidate, arm))
    benchmarks = []
    if not general and not general_baseline and (own := asked_in(candidate)):
        # another version that asked none has no figures; those of the candidate's own base model are not its
        theirs = asked_in(baseline) if baseline else own
        general, general_baseline = ((own,), (theirs,)) if theirs else ((), ())
    if general or general_baseline:
        before = [read(place, old_arm) for place in general_baseline or general]
        benchmarks = contests.general(before, [read(place, arm) for place in general])
    found = decide(held, benchmarks, config)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        show_decision(found)
    if found.decision != "promote":
        sys.exit(KEPT)


def _config(candidate: Path, given: dict[str, Any]) -> GateConfig:
    """The rules of the project's recipe under the flags that were given."""
    from loresmith.pipeline import open_project
    from loresmith.pipeline.project import RECIPE

    rules = open_project(candidate).recipe.gate if (candidate / RECIPE).is_file() else GateConfig()
    changes = {name: value for name, value in given.items() if value is not None}
    return parse(GateConfig, {**rules.model_dump(), **changes})


def show_decision(found: "Decision") -> None:
    """Print the headline, then each rule and caution."""
    click.echo(click.style(found.headline, bold=True))
    for rule in found.rules:
        click.echo(f"  {rule.status:<6}  {rule.words}")
    for caution in found.cautions:
        click.echo(f"  note: {caution}")
