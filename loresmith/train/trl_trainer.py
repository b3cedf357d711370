"""The trainer `trl`: the same training set, settings and artifact as the built-in one, through TRL's SFTTrainer.

The reference that the built-in trainer is held against, and the way out where it does not know a model. Several times
slower on short conversations. Its checkpoints are TRL's own; they hold pickled tensors, which TRL reads back in torch's
restricted mode, and are gone when the run is through. All schedules and variants of LoRA are those of the built-in
trainer. Not covered: qlora, full fine-tuning, exams on the way, mixtures, several processes.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from loresmith.errors import MachineError, NotBuiltYet, PackageMissing
from loresmith.models import locate
from loresmith.models.weights import load_model, load_tokenizer, quiet
from loresmith.plugins import TrainingSet
from loresmith.progress import Work
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.records import Progress
from loresmith.train import checkpoint, lora, methods, plot
from loresmith.train.called_back import Report, yielded
from loresmith.train.checkpoint import Place
from loresmith.train.identity import course_of
from loresmith.train.log import NAME, lines


class TrlTrainer:
    """The reference trainer."""

    def fit(self, model: ModelConfig, examples: TrainingSet, target: Path, config: TrainConfig) -> Work[dict[str, Any]]:
        """Leave a PEFT adapter, `log.jsonl` and `loss.svg` in `target`, going on from a checkpoint found there.

        Raises:
            PackageMissing: TRL or datasets is not installed.
            NotBuiltYet: the recipe asks for what this trainer does not have.
            UserError: the loss is not a number; names the step.
            MachineError: memory does not suffice.
        """
        require_packages("trl", ("trl", "datasets"))
        require_plain("trl", config)
        source = locate.find(model.base, model.revision)
        adapter = lora.attach(load_model(source, model.dtype), config, source.name)
        return (yield from taken(adapter, load_tokenizer(source), source.name, examples, target, config))


def taken(
    adapter: lora.Adapter, tokenizer: Any, name: str, examples: TrainingSet, target: Path, config: TrainConfig
) -> Work[dict[str, Any]]:
    """The whole course of `adapter`, which is on the base `name`, by TRL's loop; the final figures."""
    from loresmith.train import trl_course

    per_step = config.per_device_train_batch_size * config.gradient_accumulation_steps
    course = course_of(name, examples, config)
    found = trl_course.newest(target, course)
    place = found[0] if found else Place(course, 0, 0, (0.0, 0, 0), 0)
    record = trl_course.Record(place, -(-len(examples.train) // per_step), config, target)
    yield Progress(stage="train", done=place.step, total=record.total, note="model loaded")

    def work(report: Report, is_over: Any) -> None:
        record.report, record.is_over = report, is_over
        with quiet(), _same_generators():
            made = trl_course.engine(adapter.peft_model, tokenizer, examples, record, target)
            made.train(resume_from_checkpoint=str(found[1]) if found else None)

    try:
        yield from yielded(work)
    except torch.cuda.OutOfMemoryError as fault:
        raise MachineError(
            f"The GPU ran out of memory at step {record.place.step + 1}.",
            next_step="Lower train.per_device_train_batch_size, or take a smaller model.",
        ) from fault
    adapter.save(target)
    logged = lines(target / NAME)
    (target / "loss.svg").write_text(plot.drawn(logged), encoding="utf-8")
    checkpoint.clear(target)
    return _figures(logged, record.total, record.place.tokens, adapter.weights.numel()) | {
        "epochs": config.num_train_epochs,
        "conversations": len(examples.train),
        "validation_conversations": len(examples.validation),
        "optimizer": config.optim,
        "base_precision": methods.held_in(adapter.network, config),
    }


def require_packages(trainer: str, packages: Sequence[str]) -> None:
    """Check that `packages` can be imported, without importing them.

    Raises:
        PackageMissing: one is not installed.
    """
    for package in packages:
        if find_spec(package) is None:
            raise PackageMissing(package, needed_for=f"`train.trainer: {trainer}`", extra=trainer)


def require_plain(trainer: str, config: TrainConfig) -> None:
    """Check that `config` asks for nothing that only the built-in trainer has.

    Raises:
        NotBuiltYet: it does.
    """
    asked = {
        f"method: {config.method}": config.method != "lora",
        f"optim: {config.optim}": config.optim == "adamw_8bit",
        f"processes: {config.processes}": config.processes not in (1, "auto"),
        "spread_base: true": config.spread_base,
        f"exam_steps: {config.exam_steps}": config.exam_steps > 0,
        "mix": bool(config.mix),
        "replay": config.replay is not None,
        "curriculum: true": config.curriculum,
        "use_dora: true": config.use_dora and trainer == "unsloth",
    }
    for key, is_asked in asked.items():
        if is_asked:
            raise NotBuiltYet(
                f"train.{key} is not built for `train.trainer: {trainer}`.",
                next_step="Leave that key away, or set train.trainer to peft.",
            )


def _figures(logged: Sequence[dict[str, Any]], steps: int, tokens: int, trained: int) -> dict[str, Any]:
    losses = [line["loss"] for line in logged if "loss" in line]
    watched = [line["validation_loss"] for line in logged if "validation_loss" in line]
    return {
        "steps": steps,
        "tokens": tokens,
        "trained_numbers": trained,
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "first_validation_loss": watched[0] if watched else None,
        "last_validation_loss": watched[-1] if watched else None,
    }


@contextmanager
def _same_generators() -> Iterator[None]:
    """The generators of the process afterwards as before: TRL seeds all of them."""
    before = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
