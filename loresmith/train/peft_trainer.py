"""LoRA by a compact loop of our own over a PEFT adapter: packed, completion tokens only, resumable to the same bytes.

Nothing random survives a step: the order of the conversations follows from seed and epoch, dropout from seed and step,
so a checkpoint needs no generator state. Several processes share the steps as `team` says. Not covered: 8-bit
optimizers, quantised bases and full fine-tuning.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from loresmith.errors import MachineError, NotBuiltYet, UserError
from loresmith.models import locate
from loresmith.models.weights import load_model
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import Work
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.records import Progress
from loresmith.train import checkpoint, fused, launch, lora, packing, plot, precision, team
from loresmith.train.attention import PACKED
from loresmith.train.checkpoint import Place
from loresmith.train.identity import course_of
from loresmith.train.log import NAME, lines
from loresmith.train.objective import loss_tokens, opening, row_loss
from loresmith.train.schedule import learning_rate


class PeftTrainer:
    """The built-in trainer."""

    def fit(self, model: ModelConfig, examples: TrainingSet, target: Path, config: TrainConfig) -> Work[dict[str, Any]]:
        """Leave a PEFT adapter, `log.jsonl` and `loss.svg` in `target`, going on from a checkpoint found there.

        On a CPU a run that was killed and goes on ends with the same bytes as an undisturbed one.

        Raises:
            NotBuiltYet: the recipe asks for another method or optimizer.
            UserError: the loss is not a number, or nothing is learned; names the step.
            MachineError: memory does not suffice.
        """
        _require_built(config)
        source = locate.find(model.base, model.revision)
        sizes = locate.configuration(source)
        way = precision.settled(
            target / checkpoint.FOLDER, model.dtype, sizes.get("hidden_size", 0), sizes.get("intermediate_size", 0)
        )
        if launch.processes(config) > 1:
            return (yield from launch.fitted(model, examples, target, config))
        course = Course(load_model(source, way.dtype), source.name, examples, config, target)
        yield Progress(stage="train", done=course.place.step, total=course.total, note="model loaded")
        try:
            with precision.applied(way):
                yield from course.steps()
        except torch.cuda.OutOfMemoryError as fault:
            raise MachineError(
                f"The GPU ran out of memory at step {course.place.step + 1}.",
                next_step="Lower train.max_length (tokens in one row), or take a smaller model.",
            ) from fault
        if not course.team.leads:
            return {}
        course.adapter.save(target)
        logged = lines(target / NAME)
        (target / "loss.svg").write_text(plot.drawn(logged), encoding="utf-8")
        checkpoint.clear(target)
        return course.figures(logged) | {"precision": way.dtype, "matmul": way.matmul}


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
        self.adapter = lora.attach(network, config, name)
        self.network = self.adapter.network
        self.network.set_attn_implementation(PACKED)
        fused.fuse(self.network)
        self.head = fused.head_loss(self.network)
        self.per_step = config.per_device_train_batch_size * config.gradient_accumulation_steps
        self.per_epoch = math.ceil(len(examples.train) / self.per_step)
        self.total = self.per_epoch * config.num_train_epochs
        self.optimizer = torch.optim.AdamW(
            [self.adapter.weights], lr=0.0, weight_decay=config.weight_decay, fused=config.optim == "adamw_torch_fused"
        )
        self.team = team.present()
        self.log = self.team.log(target)
        self.place = Place(course_of(name, examples, config), 0, 0, (0.0, 0, 0), 0)
        self._resume()
        self.team.require_same(self.place.step, self.network.device)

    def steps(self) -> Work[None]:
        """Train to the end, with validation, log and checkpoints on the way."""
        started, first = time.monotonic(), self.place.step
        if first == 0:
            self._validate(0)
        while self.place.step < self.total:
            step = self.place.step
            done = self._learn(step)
            self._account(step + 1, done)
            if (step + 1) % self.config.eval_steps == 0 or step + 1 == self.total:
                self._validate(step + 1)
            if (step + 1) % self.config.save_steps == 0 and step + 1 < self.total:
                self._save()
            left = (time.monotonic() - started) / (step + 1 - first) * (self.total - step - 1)
            note = f"loss {done.loss / done.loss_tokens:.3f}, about {_duration(left)} left"
            yield Progress(stage="train", done=step + 1, total=self.total, note=note)

    def figures(self, logged: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """What the report says about the run."""
        losses = [line["loss"] for line in logged if "loss" in line]
        watched = [line["validation_loss"] for line in logged if "validation_loss" in line]
        return {
            "steps": self.total,
            "epochs": self.config.num_train_epochs,
            "conversations": len(self.examples.train),
            "validation_conversations": len(self.examples.validation),
            "tokens": self.place.tokens,
            "trained_numbers": self.adapter.weights.numel(),
            "first_loss": losses[0],
            "last_loss": losses[-1],
            "first_validation_loss": watched[0] if watched else None,
            "last_validation_loss": watched[-1] if watched else None,
        }

    def _learn(self, step: int) -> Step:
        """One optimizer step, its gradient weighed over all completion tokens of its rows."""
        rows = self._rows(step)
        weight = sum(map(loss_tokens, rows))
        self.adapter.gradient.zero_()
        self.network.train()
        loss = 0.0
        with torch.random.fork_rng(devices=self._devices(), enabled=self.config.lora_dropout > 0):
            if self.config.lora_dropout > 0:
                torch.manual_seed((self.config.seed << 32) + (self.team.rank << 24) + step)
            own = self._own(rows)
            for row in own:
                part = row_loss(self.network, row, self.head)
                (part / weight).backward()  # type: ignore[no-untyped-call]
                loss += float(part.detach())
        loss = self.team.sum(self.adapter.gradient, loss, sum(map(loss_tokens, own)), weight)
        norm = float(torch.linalg.vector_norm(self.adapter.gradient))
        _require_alive(step + 1, loss / weight, norm)
        if norm > self.config.max_grad_norm:
            self.adapter.gradient.mul_(self.config.max_grad_norm / norm)
        self.optimizer.param_groups[0]["lr"] = learning_rate(step, self.total, self.config)
        self.optimizer.step()
        return Step(loss, weight, sum(len(c.ids) for row in rows for c in row), norm)

    def _rows(self, step: int) -> list[list[Conversation]]:
        """The packed rows of optimizer step `step`, counted from 0 over all epochs."""
        epoch, within = divmod(step, self.per_epoch)
        chosen = packing.chosen(len(self.examples.train), self.per_step, within, seed=self.config.seed, epoch=epoch)
        return _rows(self.examples.train, chosen, self.config)

    def _own(self, rows: list[list[Conversation]]) -> list[list[Conversation]]:
        """What of a step's rows this process computes."""
        if self.team.size == 1:
            return rows
        share = self.team.share([conversation for row in rows for conversation in row])
        return _rows(share, range(len(share)), self.config)

    def _account(self, step: int, done: Step) -> None:
        loss, tokens, steps = self.place.pending
        pending = (loss + done.loss, tokens + done.loss_tokens, steps + 1)
        self.place = replace(self.place, step=step, pending=pending, tokens=self.place.tokens + done.tokens)
        if step % self.config.logging_steps and step != self.total:
            return
        figures = {
            "epoch": step / self.per_epoch,
            "loss": pending[0] / pending[1],
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "grad_norm": done.grad_norm,
            "tokens": self.place.tokens,
        }
        self.log.add(step, figures)
        self.place = replace(self.place, pending=(0.0, 0, 0))

    @torch.no_grad()
    def _validate(self, step: int) -> None:
        watched = self.examples.validation
        if not watched or not self.team.leads:
            return
        self.network.eval()
        total = sum(
            float(row_loss(self.network, row, self.head)) for row in _rows(watched, range(len(watched)), self.config)
        )
        self.log.add(step, {"validation_loss": total / loss_tokens(watched)})

    def _save(self) -> None:
        if not self.team.leads:
            return
        state = self.optimizer.state[self.adapter.weights]
        tensors = {"weights": self.adapter.weights.detach(), "mean": state["exp_avg"], "square": state["exp_avg_sq"]}
        self.place = replace(self.place, log_bytes=self.log.length())
        checkpoint.save(self.target, self.place, tensors)

    def _resume(self) -> None:
        found = checkpoint.newest(self.target, self.place.course)
        if found is None:
            self.log.cut(0)
            return
        self.place, tensors = found
        self.log.cut(self.place.log_bytes)
        weights = self.adapter.weights
        weights.data.copy_(tensors["weights"])
        self.optimizer.state[weights] = {
            "step": torch.tensor(float(self.place.step)),
            "exp_avg": tensors["mean"].to(weights.device),
            "exp_avg_sq": tensors["square"].to(weights.device),
        }

    def _devices(self) -> list[torch.device]:
        return [self.network.device] if self.network.device.type == "cuda" else []


def _rows(
    conversations: Sequence[Conversation], chosen: Sequence[int], config: TrainConfig
) -> list[list[Conversation]]:
    if not config.packing:
        return [[conversations[index]] for index in chosen]
    shared = opening([conversations[index] for index in chosen])
    lengths = {index: len(conversations[index].ids) - shared for index in chosen}
    rows = packing.packed(lengths, config.max_length - shared)
    return [[conversations[index] for index in row] for row in rows]


def _require_built(config: TrainConfig) -> None:
    if config.method != "lora":
        raise NotBuiltYet(f"train.method: {config.method} is not built yet.", next_step="Use `lora`.")
    if config.optim == "adamw_8bit":
        raise NotBuiltYet("train.optim: adamw_8bit is not built yet.", next_step="Use `adamw_torch`.")


def _require_alive(step: int, loss: float, norm: float) -> None:
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise UserError(
            f"Training broke at step {step}: the loss is {loss}, the gradient norm {norm}.",
            next_step="Lower train.learning_rate, raise train.warmup_steps, or set model.dtype to float32.",
        )
    if norm == 0.0 and loss > 1e-3:  # a loss of nearly zero has no gradient left, rightly
        raise UserError(
            f"Nothing is learned at step {step}: the gradient is zero at a loss of {loss:.3f}.",
            next_step="Check train.target_modules; the named layers take no part in the answer.",
        )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
