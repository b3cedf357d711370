"""Fit an adapter on the training questions, through the trainer plug-in that the recipe names.

Reads `train.jsonl` and `validation.jsonl` of the split, the chunks as sources for a part of them, and the rows that the
recipe mixes in. Leaves a plain PEFT adapter (`adapter_config.json`, `adapter_model.safetensors`), `log.jsonl`,
`loss.svg`, and `dropped.jsonl` where conversations were too long or stood in an exam; for each of `train.adapters` a
folder with the same. While it works, `training.html` beside the adapter shows how far it is. A killed run goes on from
its last checkpoint.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loresmith import artifact, plugins
from loresmith.artifact import DROPPED, Artifact, Draft, Plan
from loresmith.progress import Work
from loresmith.recipe import TrainConfig
from loresmith.recipe.settings import TrainSettings
from loresmith.records import Progress

if TYPE_CHECKING:
    from loresmith.train.following import Follower
    from loresmith.train.lessons import Lesson

FIGURES = "figures.json"
"""In the folder of an adapter of a single domain, written last: present means that it is finished."""


def run(plan: Plan, target: Path, files: Mapping[str, Path] | None = None) -> Work[Artifact]:
    """Train on the split's questions, and on the rows in `files`, and leave the adapter in `target`.

    Raises:
        NothingKept: no question of the wanted forms, or no row of a source, fits into `train.max_length`.
        UserError: the model or a source cannot be used, or the training broke; names the step.
        PackageMissing: of a tracker.
    """
    from loresmith.train import reporting
    from loresmith.train.following import Follower
    from loresmith.train.lessons import Lessons

    assert isinstance(plan.settings, TrainSettings)
    settings = plan.settings
    reporting.require_installed(settings.train.report_to)
    names = [*(adapter.name for adapter in settings.train.adapters), ""]
    with (
        Follower(target.parent, settings.train, names) as follower,
        artifact.create(target, plan, resume=True) as draft,
    ):
        where = f"live: {follower.page}"
        yield Progress(stage="train", done=0, total=None, note="reading the questions", told=where)
        (draft.path / DROPPED).unlink(missing_ok=True)  # a killed attempt left it
        lessons = Lessons(plan.parents, files or {}, settings, draft)
        whole = lessons.everything()
        parts = {adapter.name: lessons.of(adapter) for adapter in settings.train.adapters}
        lessons.close()
        yield from _fit(draft, settings, whole, parts, follower)
    return artifact.read(target, made_by="train")


def _fit(
    draft: Draft, settings: TrainSettings, whole: "Lesson", parts: "Mapping[str, Lesson]", follower: "Follower"
) -> Work[None]:
    """Each adapter of a part, then the one of the whole: as long as that is not there, the others are not made anew."""
    trainer: plugins.Trainer = plugins.load(plugins.TRAINERS, settings.train.trainer)()
    config = settings.train
    of_parts = {}
    for name, lesson in parts.items():
        done = draft.path / name / FIGURES
        if not done.is_file():
            done.parent.mkdir(exist_ok=True)
            alone = in_steps(config, lesson.examples.per_epoch)
            alone = alone.model_copy(update={"exam_steps": _exam_steps(settings)})
            work = trainer.fit(settings.model, lesson.examples, done.parent, alone)
            figures = yield from follower.followed(work, done.parent, name)
            figures["mixture"] = lesson.account(config, figures["steps"])
            artifact.write_whole(done, json.dumps(figures, indent=1, sort_keys=True) + "\n")
        of_parts[name] = json.loads(done.read_text(encoding="utf-8"))
    work = trainer.fit(settings.model, whole.examples, draft.path, in_steps(config, whole.examples.per_epoch))
    figures = yield from follower.followed(work, draft.path, "")
    draft.notes.update(figures)
    if whole.pools:
        draft.notes["mixture"] = whole.account(config, figures["steps"])
    if of_parts:
        draft.notes["adapters"] = of_parts


def in_steps(config: TrainConfig, conversations: int) -> TrainConfig:
    """`config` with a validation after each epoch told in optimizer steps, which is what trainers count in."""
    if config.eval_strategy != "epoch":
        return config
    per_step = config.per_device_train_batch_size * config.gradient_accumulation_steps
    return config.model_copy(update={"eval_strategy": "steps", "eval_steps": math.ceil(conversations / per_step)})


def _exam_steps(settings: TrainSettings) -> int:
    """The recipe's, or where it has none, one exam before and one after; other trainers hold none."""
    beyond = 1_000_000_000
    return settings.train.exam_steps or (beyond if settings.train.trainer == "peft" else 0)
