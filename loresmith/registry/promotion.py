"""Whether a version may become champion: the gate of `loresmith gate`, between two versions of a registry.

The candidate's own recipe holds the rules. Each version is judged as it ships, by the arm that has most of adapter and
retrieval, unless the recipe names one; benchmarks are compared that both versions carry. Where nobody is champion yet,
the version has to beat the base model of its own exam. What cannot be judged is not promoted: a version without an
exam, one whose exam is of other artifacts, one whose exported file was not found equal to what was examined.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from loresmith.compare.gate import Contest, Decision
from loresmith.errors import UserError
from loresmith.pipeline import open_project
from loresmith.progress import Work
from loresmith.recipe import GateConfig
from loresmith.records import Record
from loresmith.registry.book import Registry
from loresmith.registry.ledger import CHAMPION
from loresmith.registry.records import Version

BENCHMARK = "benchmark:"
RECIPE_ASKED = "benchmark"
"""The stage that asks the benchmarks of the recipe."""


@dataclass(frozen=True)
class Trial:
    """Exams that champion and candidate sat together, after both were made."""

    exams: Sequence[Contest]
    must_gain: bool = True
    """Whether the candidate has to be better, or only not clearly worse, since the champion has to be replaced."""


class Judgement(Record):
    """What was decided about a version, and on what ground."""

    version: int
    against: int | None
    """The champion; `None`: the base model."""
    decision: Literal["promote", "keep", "cannot tell"]
    headline: str
    rules: GateConfig
    gate: Decision | None
    """`None` where the version was not even compared."""

    def evidence(self) -> dict[str, Any]:
        """For the audit log."""
        return self.model_dump(mode="json")


def judge(registry: Registry, number: int, trial: Trial | None = None) -> Judgement:
    """The gate's decision on version `number`; nothing is moved or written down.

    A `trial` counts instead of the exams that the two versions carry.

    Raises:
        UserError: the two versions were examined in ways that cannot be compared.
    """
    version = registry.entry(number).version
    champion = registry.alias(CHAMPION)
    rules = open_project(registry.folder(number), only_look=True).recipe.gate
    if flaw := next(_flaws(version), None):
        headline = f"Do not promote: {flaw}."
        return Judgement(version=number, against=champion, decision="keep", headline=headline, rules=rules, gate=None)
    old = None if champion is None else registry.entry(champion).version
    found = _decision(registry, (old, version), rules, trial)
    return Judgement(
        version=number, against=champion, decision=found.decision, headline=found.headline, rules=rules, gate=found
    )


def promote(
    registry: Registry,
    number: int,
    *,
    reason: str = "",
    force: str | None = None,
    trial: Trial | None = None,
) -> Work[Judgement | None]:
    """Let the gate decide on version `number`, and promote it or write down that it was refused.

    Its files are read and found whole first.

    Args:
        registry: Where it is.
        number: The version.
        reason: Why now, for the audit log.
        force: Why it is promoted without the gate; `None` asks the gate.
        trial: As for `judge`.

    Returns:
        What the gate decided; `None` where it was not asked.

    Raises:
        UserError: it cannot be promoted or judged, a file of it is damaged, or another has become champion meanwhile.
    """
    if registry.entry(number).state == "kept" and (broken := (yield from registry.verify([number]))):
        raise UserError(
            f"Version {number} cannot serve: {broken[0].path}: {broken[0].problem}.",
            next_step="Add the project again: that makes a new version.",
        )
    if force is not None:
        if not force.strip():
            raise UserError("--force needs a reason.", next_step="Say why: it is kept in the audit log.")
        registry.promote(number, instead_of=registry.alias(CHAMPION), reason=f"without the gate: {force}")
        return None
    judged = judge(registry, number, trial)
    words = f"{reason}: {judged.headline}" if reason else judged.headline
    if judged.decision == "promote":
        registry.promote(number, instead_of=judged.against, reason=words, evidence=judged.evidence())
    else:
        registry.refuse(number, is_final=judged.decision == "keep", reason=words, evidence=judged.evidence())
    return judged


def _flaws(version: Version) -> Iterator[str]:
    if "evaluate" not in version.parts:
        yield f"version {version.number} was never examined"
    for mismatch in version.apart:
        if mismatch.startswith("evaluate:"):
            yield f"the exam of version {version.number} is of {mismatch.removeprefix('evaluate: ')}"
    if "export" in version.parts:
        if version.parity is None:
            yield f"nothing says that the file of version {version.number} is the model that was examined"
        elif not version.parity:
            yield f"the file of version {version.number} is not the model that was examined"
        elif found := [one for one in version.apart if one.startswith(("parity:", "export: another train"))]:
            yield f"the file of version {version.number} is of other artifacts ({found[0]})"


def _decision(
    registry: Registry, both: tuple[Version | None, Version], rules: GateConfig, trial: Trial | None
) -> Decision:
    from loresmith.compare import contests
    from loresmith.compare.exam_folder import arm_at
    from loresmith.compare.gate import decide
    from loresmith.compare.reading import read

    champion, version = both
    new = registry.folder(version.number)
    old = new if champion is None else registry.folder(champion.number)
    arm = rules.arm or arm_at(new)
    old_arm = "base" if champion is None else rules.arm or arm_at(old)
    exams = trial.exams if trial else contests.exams(read(old, old_arm), read(new, arm))
    shared = _shared_benchmarks(registry, version, champion or version)
    general = []
    if shared:
        before, after = [read(place, old_arm) for place, _ in shared], [read(place, arm) for _, place in shared]
        general = contests.general(before, after)
    return decide(exams, general, rules, must_gain=trial is None or trial.must_gain)


def _shared_benchmarks(registry: Registry, version: Version, champion: Version) -> list[tuple[Path, Path]]:
    """Folders of the benchmarks of both, the champion's and the new version's, none of another adapter.

    Raises:
        UserError: the new version lacks one that the champion has.
    """
    old, new = _benchmarks(registry, champion), _benchmarks(registry, version)
    if missing := [name for name in old if name not in new]:
        raise UserError(
            f"Version {version.number} was not asked {', '.join(missing)}, on which the champion has a score.",
            next_step="Ask the project the same benchmarks (`loresmith benchmark`) and add it again.",
        )
    return [(old[name], new[name]) for name in old]


def _benchmarks(registry: Registry, version: Version) -> dict[str, Path]:
    """Folder of each benchmark by its name: those that the recipe asked for before those asked by hand."""
    from loresmith.compare.benchmark_folder import benchmark_folders

    place = registry.folder(version.number)
    own = {name: place / part.folder for name, part in version.parts.items() if _is_own(version, name)}
    found = {name.removeprefix(BENCHMARK): folder for name, folder in own.items() if name.startswith(BENCHMARK)}
    asked = benchmark_folders(own[RECIPE_ASKED]) if RECIPE_ASKED in own else []
    return {**found, **{folder.name: folder for folder in asked}}


def _is_own(version: Version, name: str) -> bool:
    return not any(mismatch.startswith(f"{name}:") for mismatch in version.apart)
