"""Run stages in order; what is fresh is left alone, what is stale is said and made anew."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import Artifact, Plan, State
from loresmith.errors import ArtifactMissing, UserError
from loresmith.pipeline.project import Project
from loresmith.pipeline.sources import fingerprints
from loresmith.pipeline.stages import Stage, journey, stage
from loresmith.progress import Work

Report = Callable[["Step"], None]


@dataclass(frozen=True)
class Step:
    """One stage as it stands: its state before, and its artifact once it is there."""

    stage: Stage
    state: State
    artifact: Artifact | None = None


def run(project: Project, *, until: str | None = None, report: Report | None = None) -> Work[list[Step]]:
    """Make every artifact that is not fresh, in order, up to `until`. The caller holds the project's lock.

    `report` hears each step twice: before it works (no artifact yet) and after.

    Raises:
        UserError: whatever a stage says about its input.
    """
    say = report or (lambda step: None)
    _require_model(project, until)
    files = {current.name: current.files(project) for current in _reached(project, until) if current.files}
    inputs, model = {name: fingerprints(found) for name, found in files.items()}, identity_of(project)
    made: dict[str, Artifact] = {}
    steps = []
    for current in _reached(project, until):
        target = project.path / current.folder
        plan = plan_of(project, current, made, inputs.get(current.name, {}), model)
        step = Step(current, artifact.state(target, plan))
        say(step)
        outside = files.get(current.name, {})
        made[current.name] = step.state.artifact or (yield from current.work(plan, target, outside))
        steps.append(replace(step, artifact=made[current.name]))
        say(steps[-1])
    return steps


def run_one(project: Project, name: str, *, report: Report | None = None) -> Work[Step]:
    """Make the artifact of stage `name` alone, from parents that are there and fresh.

    Raises:
        ArtifactMissing: a parent was not made.
        UserError: a parent is stale; says why and which command mends it.
    """
    say = report or (lambda step: None)
    current = stage(name)
    files = current.files(project) if current.files else {}
    model = identity_of(project)
    made = _ancestors(project, current, model)
    plan = plan_of(project, current, made, fingerprints(files), model)
    target = project.path / current.folder
    step = Step(current, artifact.state(target, plan))
    say(step)
    finished = step.state.artifact or (yield from current.work(plan, target, files))
    step = replace(step, artifact=finished)
    say(step)
    return step


def survey(project: Project) -> Iterator[Step]:
    """Each stage's state without working: fresh, missing, stale or corrupt, and why.

    A stage whose parent is not fresh waits for it, whatever its own files say.
    """
    model = identity_of(project)
    made: dict[str, Artifact] = {}
    for current in journey(project):
        target = project.path / current.folder
        inputs = fingerprints(current.files(project)) if current.files else {}
        if waiting := [name for name in current.parents_in(project) if name not in made]:
            there = (target / artifact.MANIFEST).is_file()
            yield Step(current, State("stale" if there else "missing", f"waits for {', '.join(waiting)}"))
            continue
        state = artifact.state(target, plan_of(project, current, made, inputs, model))
        if state.artifact is not None:
            made[current.name] = state.artifact
        yield Step(current, state, state.artifact)


def plan_of(
    project: Project, current: Stage, made: Mapping[str, Artifact], inputs: Mapping[str, str], model: Callable[[], str]
) -> Plan:
    """What `current` would make from the parents `made` and from the outside files hashed in `inputs`.

    `model` gives the identity of the base model; only stages that use it ask.
    """
    outside = dict(inputs)
    if current.uses_model:
        outside["model"] = model()
    parents = {name: made[name] for name in current.parents_in(project)}
    return Plan(current.name, current.settings(project), parents, outside, current.revision)


def identity_of(project: Project) -> Callable[[], str]:
    """The base model's identity, found when first asked for and then kept: five stages need the same one."""

    @cache
    def identity() -> str:
        from loresmith.models import locate

        model = project.recipe.model
        return locate.identity(locate.find(model.base, model.revision))

    return identity


def _require_model(project: Project, until: str | None) -> None:
    """Find the base model before any work: a wrong name must not cost an hour of reading documents first."""
    if any(candidate.uses_model for candidate in _reached(project, until)):
        from loresmith.models import locate

        locate.find(project.recipe.model.base, project.recipe.model.revision)


def _reached(project: Project, until: str | None) -> tuple[Stage, ...]:
    stages = journey(project)
    if until is None:
        return stages
    names = [candidate.name for candidate in stages]
    if until not in names:
        key = "benchmarks" if until == "benchmark" else "further"
        raise UserError(
            f"The recipe asks for no stage {until!r}.", next_step=f"Name what it is to ask in `evaluate.{key}`."
        )
    return stages[: names.index(until) + 1]


def _ancestors(project: Project, current: Stage, model: Callable[[], str]) -> dict[str, Artifact]:
    """Every stage that `current` rests on, each checked against the recipe in force."""
    needed: set[str] = set()
    for candidate in reversed(journey(project)):
        if candidate.name in needed or candidate is current:
            needed |= set(candidate.parents_in(project))
    made: dict[str, Artifact] = {}
    for ancestor in (candidate for candidate in journey(project) if candidate.name in needed):
        path = project.path / ancestor.folder
        if not set(ancestor.parents_in(project)) <= made.keys():
            continue
        inputs = _outside_of(project, ancestor, path)
        state = artifact.state(path, plan_of(project, ancestor, made, inputs, model))
        if state.kind == "missing":
            raise ArtifactMissing(path, made_by=f"{ancestor.made_by} {project.path}")
        if state.artifact is None:
            raise UserError(
                f"{path} is {state.kind}: {state.why}.",
                next_step=f"`loresmith {ancestor.made_by} {project.path}`, or all that is stale: "
                f"`loresmith run {project.path}`.",
            )
        made[ancestor.name] = state.artifact
    return made


def _outside_of(project: Project, ancestor: Stage, path: Path) -> Mapping[str, str]:
    """The outside files of a stage that is done; documents, and benchmarks that are gone, count as the stage saw them.

    A verb after it does not need the files to be there still.
    """
    if ancestor.files is None:
        return {}
    if ancestor.name != "ingest":
        with suppress(UserError):
            return fingerprints(ancestor.files(project))
    try:
        return artifact.read(path, made_by=ancestor.name).manifest.inputs
    except UserError:
        return {}
