"""One training run of the built-in trainer: what is trained, on what, and how far it has come.

Nothing random survives a step: the order of the conversations follows from seed and epoch, dropout from seed and step,
so a checkpoint needs no generator state. With several processes (see `team`) the leading one writes all that is left
and holds the exams, and each decision on the way is one of all of them.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from loresmith.errors import Interrupted, MachineError
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import Work
from loresmith.recipe import TrainConfig
from loresmith.records import Progress
from loresmith.train import checkpoint, fused, layers, methods, optimizers, packing, spreading, team, trouble
from loresmith.train.attention import PACKED
from loresmith.train.checkpoint import Place
from loresmith.train.identity import course_of
from loresmith.train.objective import loss_tokens, row_loss
from loresmith.train.rows import rows_of
from loresmith.train.schedule import learning_rate
from loresmith.train.watching import Watch


@dataclass(frozen=True)
class Step:
    """What one optimizer step measured."""

    loss: float
    """Sum in nats over its completion tokens."""
    loss_tokens: int
    tokens: int
    grad_norm: float


class Course:
    """What a run needs to take its steps, in each of the processes that take them together."""

    def __init__(self, network: Any, name: str, examples: TrainingSet, config: TrainConfig, target: Path) -> None:
        self.examples, self.config, self.target = examples, config, target
        self.adapter = methods.attach(network, config, name)
        self.network = self.adapter.network
        self.is_spread = spreading.is_spread(self.network)
        self.network.set_attn_implementation(PACKED)
        fused.fuse(self.network)
        layers.lighten(self.network)
        self.head = fused.head_loss(self.network)
        self.per_step = config.per_device_train_batch_size * config.gradient_accumulation_steps
        self.per_epoch = math.ceil(examples.per_epoch / self.per_step)
        self.total = self.per_epoch * config.num_train_epochs
        self.row_tokens = config.max_length
        self.optimizer = optimizers.chosen(self.adapter, config)
        self.watch: Watch | None = None
        """Of the leading process, where exams are held."""
        self.best: torch.Tensor | None = None
        """The numbers of the step that stood best in the exams, on the CPU; `None` before the first exam."""
        self.stopped: str | None = None
        self.team = team.present()
        self.log = self.team.log(target)
        self.place = Place(course_of(name, examples, config), 0, 0, (0.0, 0, 0), 0)
        self._resume()
        self.team.require_same(self.place.step, self.network.device)

    def steps(self, order: trouble.Order) -> Work[None]:
        """Train to the end, with validation, exams, log and checkpoints on the way; `order` ends it before."""
        started, first = time.monotonic(), self.place.step
        if self.watch:
            self.stopped = self.watch.go_on_from(first)
        self._agree_on_the_end()
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
            # asked once: what comes after this is found one step later
            ends = self.team.any(order.given, self.network.device)
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
            **({"base_spread_over": self.team.size} if self.is_spread else {}),
            **({"row_tokens": self.row_tokens} if self.row_tokens < self.config.max_length else {}),
            **({"stopped": self.stopped} if self.stopped else {}),
            **examined,
        }

    def _learned(self, step: int) -> Work[Step]:
        """One step; when a GPU has too little memory, rows are halved once, in all processes, and it is taken again."""
        try:
            return self._learn(step)
        except torch.cuda.OutOfMemoryError as fault:
            self._halve(step, fault)
        torch.cuda.empty_cache()
        note = f"out of memory: from here rows hold {self.row_tokens} tokens instead of {self.config.max_length}"
        yield Progress(stage="train", done=step, total=self.total, note=note)
        try:
            return self._learn(step)
        except torch.cuda.OutOfMemoryError as fault:
            raise self._too_little(step) from fault

    def _halve(self, step: int, fault: Exception) -> None:
        longest = max(len(conversation.ids) for conversation in self.examples.train)
        halved = max(self.config.max_length // 2, longest)
        if self.row_tokens < self.config.max_length or halved >= self.row_tokens or not self.config.packing:
            raise self._too_little(step) from fault
        self.row_tokens = halved

    def _too_little(self, step: int) -> MachineError:
        return MachineError(
            f"The GPU ran out of memory at step {step + 1} with rows of {self.row_tokens} tokens.",
            next_step="Lower train.max_length (tokens in one row), or take a smaller model.",
        )

    def _summed(self, step: int, rows: list[list[Conversation]]) -> float:
        """The step's loss, summed over all processes as its gradient is.

        Raises:
            OutOfMemoryError: torch's, in all processes if memory does not suffice in one.
        """
        weight = sum(map(loss_tokens, rows))
        own = self._own(rows)
        loss: float | None
        try:
            loss = self._differentiated(step, own, weight)
        except torch.cuda.OutOfMemoryError as fault:
            if self.is_spread:  # the others wait for this process's share: they cannot be asked
                raise self._too_little(step) from fault
            loss = None
        if self.team.any(loss is None, self.network.device) or loss is None:
            raise torch.cuda.OutOfMemoryError(f"A process ran out of memory at step {step + 1}.")
        return self.team.sum(self.adapter.gradient, loss, sum(map(loss_tokens, own)), weight)

    def _differentiated(self, step: int, rows: list[list[Conversation]], weight: int) -> float:
        """The summed loss of `rows`, their gradient weighed over the `weight` completion tokens of the whole step."""
        self.adapter.gradient.zero_()
        self.network.train()
        idle = self.team.most(len(rows), self.network.device) - len(rows) if self.is_spread else 0
        loss = 0.0
        with torch.random.fork_rng(devices=self._devices(), enabled=self.config.lora_dropout > 0):
            if self.config.lora_dropout > 0:
                torch.manual_seed((self.config.seed << 32) + (self.team.rank << 24) + step)
            for row in rows:
                part = self._row_loss(row)
                (part / weight).backward()  # type: ignore[no-untyped-call]
                loss += float(part.detach())
            for _ in range(idle):  # the others need this process's share of the base
                (self._row_loss(self.examples.train[:1]) * 0.0).backward()  # type: ignore[no-untyped-call]
        return loss

    def _learn(self, step: int) -> Step:
        """One optimizer step by the summed gradient: the same bits, so the same weights, in all processes."""
        rows = self._rows(step)
        loss = self._summed(step, rows)
        weight = sum(map(loss_tokens, rows))
        norm = float(torch.linalg.vector_norm(self.adapter.gradient))
        batch = [conversation for row in rows for conversation in row]
        trouble.require_alive(step + 1, loss / weight, norm, batch, self._loss_of)
        if norm > self.config.max_grad_norm:
            self.adapter.gradient.mul_(self.config.max_grad_norm / norm)
        try:
            self.optimizer.step(learning_rate(step, self.total, self.config))
        except torch.cuda.OutOfMemoryError as fault:  # half of it may be done: it cannot be taken again
            raise self._too_little(step) from fault
        return Step(loss, weight, sum(len(c.ids) for row in rows for c in row), norm)

    def _rows(self, step: int) -> list[list[Conversation]]:
        """The packed rows of optimizer step `step`, counted from 0 over all epochs."""
        chosen = packing.of_step(self.examples, self.per_step, step, seed=self.config.seed)
        return rows_of(self.examples.train, chosen, self.config, self.row_tokens)

    def _own(self, rows: list[list[Conversation]]) -> list[list[Conversation]]:
        """What of a step's rows this process computes."""
        if self.team.size == 1:
            return rows
        share = self.team.share([conversation for row in rows for conversation in row])
        return rows_of(share, range(len(share)), self.config, self.row_tokens)

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
        if not watched or not (self.team.leads or self.is_spread):
            return
        self.network.eval()
        rows = rows_of(watched, range(len(watched)), self.config, self.config.max_length)
        total = sum(float(self._row_loss(row)) for row in rows)
        self.log.add(step, {"validation_loss": total / loss_tokens(watched)})

    def _examine(self, step: int, grad_norm: float) -> None:
        """Hold an exam, keep the best numbers, and find out whether to end; `grad_norm` is for the last line then."""
        if self.watch is not None:
            found = self.watch.sit(step)
            self.stopped = self.watch.why_stop(found)
            if self.config.load_best_model_at_end and found.best_step == step:
                self.best = self.adapter.weights.detach().to("cpu", copy=True)
            if self.stopped and self.place.pending[2]:
                self._write_down(grad_norm)
        self._agree_on_the_end()

    def _agree_on_the_end(self) -> None:
        """All processes stop where the exams of the leading one say so."""
        if self.config.exam_steps and self.team.led(self.stopped is not None, self.network.device):
            self.stopped = self.stopped or "the leading process ended the course"

    def _save(self) -> None:
        if not self.team.leads:
            return
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
        self.best = tensors.get("best") if self.team.leads else None
        self.adapter.weights.data.copy_(tensors["weights"])
        self.optimizer.restore(self.place.step, tensors)

    def _devices(self) -> list[torch.device]:
        return [self.network.device] if self.network.device.type == "cuda" else []


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
