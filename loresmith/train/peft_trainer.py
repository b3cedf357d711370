"""Fine-tuning by a compact loop of our own: packed, completion tokens only, resumable to the same bytes.

Nothing random survives a step: the order of the conversations follows from seed and epoch, dropout from seed and step,
so a checkpoint needs no generator state. What is trained, and of which base, is for `methods` to say. Not covered:
several GPUs.
"""

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from loresmith.errors import Interrupted, MachineError
from loresmith.models import locate
from loresmith.models.language import LanguageModel
from loresmith.models.weights import load_tokenizer
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import Work
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.records import Progress
from loresmith.train import checkpoint, fused, methods, optimizers, packing, plot, precision, reporting, trouble
from loresmith.train.attention import PACKED
from loresmith.train.checkpoint import Place
from loresmith.train.log import NAME, Log, lines
from loresmith.train.objective import loss_tokens, opening, row_loss
from loresmith.train.schedule import learning_rate
from loresmith.train.watching import Watch


class PeftTrainer:
    """The built-in trainer."""

    def fit(self, model: ModelConfig, examples: TrainingSet, target: Path, config: TrainConfig) -> Work[dict[str, Any]]:
        """Leave what was learned, `log.jsonl` and `loss.svg` in `target`, going on from a checkpoint found there.

        On a CPU a run that was killed and goes on ends with the same bytes as an undisturbed one.

        Raises:
            UserError: the loss is not a number, or nothing is learned; names the step and the conversations.
            MachineError: memory does not suffice, or the package of a tracker is missing.
            Interrupted: SIGTERM came; the checkpoint is written.
        """
        reporting.require_installed(config.report_to)
        source = locate.find(model.base, model.revision)
        sizes = locate.configuration(source)
        way = precision.settled(
            target / checkpoint.FOLDER, model.dtype, sizes.get("hidden_size", 0), sizes.get("intermediate_size", 0)
        )
        course = Course(methods.opened(source, way.dtype, config), source.name, examples, config, target)
        if config.exam_steps:
            speaker = LanguageModel(course.network, load_tokenizer(source), source.name)
            course.watch = Watch(speaker, examples.validation, config, target)
        yield Progress(stage="train", done=course.place.step, total=course.total, note="model loaded")
        trackers = reporting.opened(config.report_to, target.parent / reporting.FOLDER, config.model_dump())
        course.log.listeners += [tracker.log for tracker in trackers]
        try:
            with precision.applied(way), trouble.termination() as order:
                yield from course.steps(order)
        finally:
            for tracker in trackers:
                tracker.close()
        course.finish()
        logged = lines(target / NAME)
        (target / "loss.svg").write_text(plot.drawn(logged), encoding="utf-8")
        checkpoint.clear(target)
        return course.figures(logged) | ({"matmul": way.matmul} if way.matmul != "highest" else {})


@dataclass(frozen=True)
class Step:
    """What one optimizer step measured."""

    loss: float
    """Sum in nats over its completion tokens."""
    loss_tokens: int
    tokens: int
    grad_norm: float


class Course:
    """One training run: what is trained, on what, and how far it has come."""

    def __init__(self, network: Any, name: str, examples: TrainingSet, config: TrainConfig, target: Path) -> None:
        self.examples, self.config, self.target = examples, config, target
        self.adapter = methods.attach(network, config, name)
        self.network = self.adapter.network
        self.network.set_attn_implementation(PACKED)
        fused.fuse(self.network)
        self.head = fused.head_loss(self.network)
        self.per_step = config.per_device_train_batch_size * config.gradient_accumulation_steps
        self.per_epoch = math.ceil(len(examples.train) / self.per_step)
        self.total = self.per_epoch * config.num_train_epochs
        self.row_tokens = config.max_length
        self.optimizer = optimizers.chosen(self.adapter, config)
        self.watch: Watch | None = None
        self.best: torch.Tensor | None = None
        """The numbers of the step that stood best in the exams, on the CPU; `None` before the first exam."""
        self.stopped: str | None = None
        self.log = Log(target)
        self.place = Place(_course(name, examples, config), 0, 0, (0.0, 0, 0), 0)
        self._resume()

    def steps(self, order: trouble.Order) -> Work[None]:
        """Train to the end, with validation, exams, log and checkpoints on the way; `order` ends it before."""
        started, first = time.monotonic(), self.place.step
        if self.watch:
            self.stopped = self.watch.go_on_from(first)
        if first == 0:
            self._validate(0)
            self._examine(0, 0.0)
        while self.place.step < self.total and not self.stopped:
            step = self.place.step
            done = yield from self._learned(step)
            self._account(step + 1, done)
            is_last = step + 1 == self.total
            if (step + 1) % self.config.eval_steps == 0 or is_last:
                self._validate(step + 1)
            if self.config.exam_steps and ((step + 1) % self.config.exam_steps == 0 or is_last):
                self._examine(step + 1, done.grad_norm)
            ends = order.given  # asked once: what comes after this is found one step later
            if ends or ((step + 1) % self.config.save_steps == 0 and not is_last):
                self._save()
            left = (time.monotonic() - started) / (step + 1 - first) * (self.total - step - 1)
            note = f"loss {done.loss / done.loss_tokens:.3f}, about {_duration(left)} left"
            yield Progress(stage="train", done=step + 1, total=self.total, note=self.stopped or note)
            if ends:
                raise Interrupted(
                    f"Told to end at step {step + 1} of {self.total}; the checkpoint is written.",
                    next_step="Run the same command again to go on from there.",
                )

    def finish(self) -> None:
        """Leave what was learned in the folder: the step that stood best in the exams where there are any."""
        if self.best is not None and self.config.load_best_model_at_end:
            self.adapter.weights.data.copy_(self.best)
        self.adapter.save(self.target)

    def figures(self, logged: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """What the report says about the run."""
        losses = [line["loss"] for line in logged if "loss" in line]
        watched = [line["validation_loss"] for line in logged if "validation_loss" in line]
        examined = self.watch.summary(self.place.step, self.config) if self.watch else {}
        return {
            "steps": self.place.step,
            "epochs": self.config.num_train_epochs,
            "conversations": len(self.examples.train),
            "validation_conversations": len(self.examples.validation),
            "tokens": self.place.tokens,
            "trained_numbers": self.adapter.weights.numel(),
            "first_loss": losses[0],
            "last_loss": losses[-1],
            "first_validation_loss": watched[0] if watched else None,
            "last_validation_loss": watched[-1] if watched else None,
            "optimizer": self.optimizer.name,
            "base_precision": methods.held_in(self.network, self.config),
            **({"row_tokens": self.row_tokens} if self.row_tokens < self.config.max_length else {}),
            **({"stopped": self.stopped} if self.stopped else {}),
            **examined,
        }

    def _learned(self, step: int) -> Work[Step]:
        """One step; when a GPU has too little memory, rows are halved once and the step is taken again."""
        try:
            return self._learn(step)
        except torch.cuda.OutOfMemoryError as fault:
            longest = max(len(conversation.ids) for conversation in self.examples.train)
            halved = max(self.config.max_length // 2, longest)
            if self.row_tokens < self.config.max_length or halved >= self.row_tokens or not self.config.packing:
                raise MachineError(
                    f"The GPU ran out of memory at step {step + 1} with rows of {self.row_tokens} tokens.",
                    next_step="Lower train.max_length (tokens in one row), or take a smaller model.",
                ) from fault
            self.row_tokens = halved
        torch.cuda.empty_cache()
        note = f"out of memory: from here rows hold {self.row_tokens} tokens instead of {self.config.max_length}"
        yield Progress(stage="train", done=step, total=self.total, note=note)
        return (yield from self._learned(step))

    def _learn(self, step: int) -> Step:
        """One optimizer step, its gradient weighed over all completion tokens of its rows."""
        rows = self._rows(step)
        weight = sum(map(loss_tokens, rows))
        self.adapter.gradient.zero_()
        self.network.train()
        loss = 0.0
        with torch.random.fork_rng(devices=self._devices(), enabled=self.config.lora_dropout > 0):
            if self.config.lora_dropout > 0:
                torch.manual_seed((self.config.seed << 32) + step)
            for row in rows:
                part = self._row_loss(row)
                (part / weight).backward()  # type: ignore[no-untyped-call]
                loss += float(part.detach())
        norm = float(torch.linalg.vector_norm(self.adapter.gradient))
        batch = [conversation for row in rows for conversation in row]
        trouble.require_alive(step + 1, loss / weight, norm, batch, self._loss_of)
        if norm > self.config.max_grad_norm:
            self.adapter.gradient.mul_(self.config.max_grad_norm / norm)
        self.optimizer.step(learning_rate(step, self.total, self.config))
        return Step(loss, weight, sum(len(c.ids) for row in rows for c in row), norm)

    def _rows(self, step: int) -> list[list[Conversation]]:
        """The packed rows of optimizer step `step`, counted from 0 over all epochs."""
        epoch, within = divmod(step, self.per_epoch)
        chosen = packing.chosen(len(self.examples.train), self.per_step, within, seed=self.config.seed, epoch=epoch)
        return _rows(self.examples.train, chosen, self.config, self.row_tokens)

    def _row_loss(self, row: Sequence[Conversation]) -> torch.Tensor:
        with self.adapter.computing():
            return row_loss(self.network, row, self.head)

    @torch.no_grad()
    def _loss_of(self, conversation: Conversation) -> float:
        return float(self._row_loss([conversation]))

    def _account(self, step: int, done: Step) -> None:
        loss, tokens, steps = self.place.pending
        pending = (loss + done.loss, tokens + done.loss_tokens, steps + 1)
        self.place = replace(self.place, step=step, pending=pending, tokens=self.place.tokens + done.tokens)
        if step % self.config.logging_steps == 0 or step == self.total:
            self._write_down(done.grad_norm)

    def _write_down(self, grad_norm: float) -> None:
        """One line of the log for the steps since the last one."""
        step, pending = self.place.step, self.place.pending
        figures = {
            "epoch": step / self.per_epoch,
            "loss": pending[0] / pending[1],
            "learning_rate": learning_rate(step - 1, self.total, self.config),
            "grad_norm": grad_norm,
            "tokens": self.place.tokens,
        }
        self.log.add(step, figures)
        self.place = replace(self.place, pending=(0.0, 0, 0))

    @torch.no_grad()
    def _validate(self, step: int) -> None:
        watched = self.examples.validation
        if not watched:
            return
        self.network.eval()
        rows = _rows(watched, range(len(watched)), self.config, self.config.max_length)
        total = sum(float(self._row_loss(row)) for row in rows)
        self.log.add(step, {"validation_loss": total / loss_tokens(watched)})

    def _examine(self, step: int, grad_norm: float) -> None:
        """Hold an exam, keep the best numbers, and find out whether to end; `grad_norm` is for the last line then."""
        if self.watch is None:
            return
        found = self.watch.sit(step)
        self.stopped = self.watch.why_stop(found)
        if self.config.load_best_model_at_end and found.best_step == step:
            self.best = self.adapter.weights.detach().to("cpu", copy=True)
        self.log.tell(step, self.watch.shares())
        if self.stopped and self.place.pending[2]:
            self._write_down(grad_norm)

    def _save(self) -> None:
        tensors = {"weights": self.adapter.weights.detach(), **self.optimizer.state()}
        if self.best is not None:
            tensors["best"] = self.best
        self.place = replace(self.place, log_bytes=self.log.length())
        checkpoint.save(self.target, self.place, tensors)

    def _resume(self) -> None:
        found = checkpoint.newest(self.target, self.place.course)
        if found is None:
            self.log.cut(0)
            return
        self.place, tensors = found
        self.log.cut(self.place.log_bytes)
        self.best = tensors.get("best")
        self.adapter.weights.data.copy_(tensors["weights"])
        self.optimizer.restore(self.place.step, tensors)

    def _devices(self) -> list[torch.device]:
        return [self.network.device] if self.network.device.type == "cuda" else []


def _rows(
    conversations: Sequence[Conversation], chosen: Sequence[int], config: TrainConfig, row_tokens: int
) -> list[list[Conversation]]:
    if not config.packing:
        return [[conversations[index]] for index in chosen]
    shared = opening([conversations[index] for index in chosen])
    lengths = {index: len(conversations[index].ids) - shared for index in chosen}
    rows = packing.packed(lengths, row_tokens - shared)
    return [[conversations[index] for index in row] for row in rows]


def _course(name: str, examples: TrainingSet, config: TrainConfig) -> str:
    """sha256 of all that decides the result, without what only decides when it is written down."""
    deciding = config.model_dump_json(exclude={"report_to"})
    digest = hashlib.sha256(f"{name}\0{deciding}".encode())
    for conversation in (*examples.train, None, *examples.validation):
        digest.update(repr(conversation and (conversation.completion, conversation.ids)).encode())
    return digest.hexdigest()


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
