"""What an earlier examination found and still holds: an arm that sat is not asked again for the sake of another one.

Answers hold as long as everything that decides them is the same: questions, index, weights, prompts, limits and the
code. Which other arms sit, and how figures are drawn from the answers, decides nothing.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import ROWS, AnyRecord, Artifact, Plan
from loresmith.errors import ArtifactCorrupt, ArtifactMissing
from loresmith.evaluate.grounding import Lookup
from loresmith.evaluate.held_text import Weighed
from loresmith.evaluate.journal import LOOKUPS, SUPPORTS, WEIGHED
from loresmith.evaluate.support import Support
from loresmith.records import Grade

BASIS = "basis"
"""Note of the manifest under which `basis` stands."""
FIGURES_ONLY = ("arms", "further", "endpoint", "judge", "text_passages", "bootstrap_samples", "seed", "benchmarks")


def basis(plan: Plan) -> str:
    """sha256 over all that decides the answers which `plan` asks for.

    Of an examination among the parents, only what was looked up counts.
    """
    settings = plan.settings.model_dump(mode="json")
    settings["evaluate"] = {key: value for key, value in settings["evaluate"].items() if key not in FIGURES_ONLY}
    parents = {name: parent.manifest.content for name, parent in plan.parents.items() if name != "evaluate"}
    if (exam := plan.parents.get("evaluate")) is not None:
        parents["lookups"] = exam.manifest.files[LOOKUPS][1]
    decisive = [plan.revision, settings, parents, dict(plan.inputs)]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


class Earlier:
    """The artifact that lies where a new one is about to be made, if its answers hold."""

    def __init__(self, target: Path, plan: Plan) -> None:
        self._made = _holding(target, plan)

    def grades(self, asked: Sequence[str], log: str = ROWS) -> dict[str, list[Grade]]:
        """The grades in `log` of every arm that answered exactly the questions `asked`, in their order."""
        return by_arm(self._rows(Grade, log), asked)

    def supports(self, arms: Container[str]) -> dict[tuple[str, str], Support]:
        """What the answers of `arms` rest on, by (arm, question)."""
        return {(row.arm, row.question): row for row in self._rows(Support, SUPPORTS) if row.arm in arms}

    def weighed(self, arm: str, chunks: Sequence[str]) -> list[Weighed] | None:
        """The likelihood of exactly the passages `chunks` in `arm`; `None` where others were weighed."""
        rows = [row for row in self._rows(Weighed, WEIGHED) if row.arm == arm]
        return rows if [row.question for row in rows] == list(chunks) else None

    def lookups(self, asked: Sequence[str]) -> list[Lookup] | None:
        """What was looked up for exactly the questions `asked`, without the sources; `None` where it was not."""
        rows = self._rows(Lookup, LOOKUPS)
        return rows if rows and [row.question for row in rows] == list(asked) else None

    def _rows(self, kind: type[AnyRecord], log: str) -> list[AnyRecord]:
        return list(self._made.rows(kind, log)) if self._made else []


def by_arm(grades: Iterable[Grade], asked: Sequence[str]) -> dict[str, list[Grade]]:
    """`grades` of every arm that answered exactly the questions `asked`, in their order."""
    found: dict[str, list[Grade]] = {}
    for grade in grades:
        found.setdefault(grade.arm, []).append(grade)
    return {arm: rows for arm, rows in found.items() if [row.question for row in rows] == list(asked)}


def _holding(target: Path, plan: Plan) -> Artifact | None:
    try:
        made = artifact.read(target, made_by=plan.stage)
    except (ArtifactMissing, ArtifactCorrupt):
        return None
    return made if made.manifest.notes.get(BASIS) == basis(plan) else None
