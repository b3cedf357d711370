"""Public benchmarks, asked as lm-evaluation-harness asks them, of a model and of what training made of it.

`run` reads the questions from files or from the Hub and leaves an artifact for each task: `rows.jsonl` (one `Mark` per
arm and question) and `results.json` (`Results`: scores with intervals, arms compared question by question, and all
that decides whether two scores may be compared). The model is loaded once for all tasks and arms, when the first
question needs it; a killed run asks no question twice.

Not covered: tasks of the harness beyond the table, sampling, models behind an endpoint, GGUF files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loresmith.artifact import Artifact
from loresmith.errors import UserError
from loresmith.progress import Work
from loresmith.recipe.benchmark import BenchmarkConfig

if TYPE_CHECKING:
    from loresmith.models.locate import ModelSource

STAGE = "benchmark"


@dataclass(frozen=True)
class Examinee:
    """The model that is asked."""

    source: "ModelSource"
    dtype: str
    adapter: Artifact | None = None
    """What training left; `None` where the model stands alone."""

    def arms(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The arms that `wanted` names, or all there are, `base` first.

        Raises:
            UserError: the trained arm is wanted where nothing was trained.
        """
        there = ("base", "lora") if self.adapter is not None else ("base",)
        if missing := [arm for arm in wanted if arm not in there]:
            raise UserError(
                f"{self.source.name} has no arm {missing[0]}: it is a model without an adapter.",
                next_step="Name a project whose training is finished, or leave --arms out.",
            )
        return tuple(arm for arm in there if arm in wanted or not wanted)


def run(examinee: Examinee, config: BenchmarkConfig, target: Path) -> Work[list[Artifact]]:
    """Ask the tasks of `config` and leave the artifact of each in a folder below `target`.

    What is already there under the same settings, model and questions is taken as it is.

    Raises:
        UserError: a task is unknown, its questions cannot be read, or the model cannot be asked.
    """
    from loresmith.benchmark.hall import Hall
    from loresmith.benchmark.sitting import sit
    from loresmith.benchmark.table import chosen

    tasks = chosen(config.tasks)
    made = []
    with Hall(examinee, config) as hall:
        for one in tasks:
            made.append((yield from sit(hall, one, target / one.folder, alone=len(tasks) == 1)))
    return made
