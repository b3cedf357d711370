"""The training loop: packed rows, Muon for matrices, AdamW for the rest, checkpoints that lose nothing."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import Qwen2ForCausalLM

from training.starter import guiding, network, packing
from training.starter.copying import Circuit
from training.starter.guiding import Guide
from training.starter.muon import StackedMuon
from training.starter.packing import Packed
from training.starter.rounding import is_rounded, rounded
from training.starter.shape import Shape

TEXT_WEIGHT, PROMPT_WEIGHT, ANSWER_WEIGHT = 1.0, 0.25, 3.0
"""How much a token of each sort counts: prompts are half random words, answers are what exercises are for."""

LENGTHS = (256, 512)
"""Tokens of a row in the short phase and in the long one."""


@dataclass(frozen=True)
class Fitting:
    """How long and how fast. A step is `rows` rows of 256 tokens, after `long_from` of the steps of 512."""

    steps: int = 4800
    rows: int = 16
    long_from: float = 0.25
    matrix_rate: float = 3e-3
    table_rate: float = 5e-4
    """Rate of the embedding. The written heads compare projections of it: at 2e-3 they had nothing left to compare
    after 200 steps (7% of a repeated span copied)."""
    other_rate: float = 2e-3
    hold_until: float = 0.5
    """Share of the steps during which the written heads stand still."""
    warm_up_steps: int = 60
    cool_from: float = 0.4
    """Share of the steps after which the rate falls in a straight line to zero."""
    decay: float = 0.1
    guidance: float = 0.3
    """Weight of how far the guided heads look from where they should (nats, mean over heads); see `guiding`."""
    round_from: float = 0.4
    """Share of the steps after which the forward pass sees 4-bit weights, rounded by lot at every step."""
    seed: int = 0
    checkpoint_steps: int = 100
    probe_steps: int = 300
    device: str = "cpu"
    is_compiled: bool = False
    wall_seconds: float = math.inf

    @property
    def short_steps(self) -> int:
        """Steps with rows of 256 tokens."""
        return int(self.steps * self.long_from)

    def tokens_before(self, step: float) -> int:
        """Tokens that were read before `step`."""
        short, long = LENGTHS
        return self.rows * int(short * min(step, self.short_steps) + long * max(0, step - self.short_steps))


class Interrupted(Exception):
    """The wall-clock limit was reached; the checkpoint holds everything needed to go on."""


Probe = Callable[[dict[str, Tensor]], dict[str, float]]


class Run:
    """A training run in a folder: `log.jsonl`, `state.safetensors`, `state.json`."""

    def __init__(
        self,
        model: Qwen2ForCausalLM,
        shape: Shape,
        setting: Fitting,
        folder: Path,
        circuit: Circuit,
        guide: Guide | None = None,
    ) -> None:
        self.circuit, self.guide = circuit, guide
        self.model, self.shape, self.setting, self.folder = model.to(setting.device), shape, setting, folder
        self.weights = dict(model.named_parameters())
        matrices = {name: w for name, w in self.weights.items() if is_rounded(name, w)}
        table = self.weights["model.embed_tokens.weight"]
        others = [w for name, w in self.weights.items() if name not in matrices and w is not table]
        self.rates = (setting.matrix_rate, setting.table_rate, setting.other_rate)
        self.optimizers: list[torch.optim.Optimizer] = [
            StackedMuon(matrices.values(), setting.matrix_rate, setting.decay),
            torch.optim.AdamW([table], lr=setting.table_rate, betas=(0.9, 0.95), weight_decay=0.0),
            torch.optim.AdamW(others, lr=setting.other_rate, betas=(0.9, 0.95), weight_decay=0.0),
        ]
        self.step, self.seconds = 0, 0.0
        dtype = torch.bfloat16
        self.tables = {
            length: tuple(t.to(setting.device, dtype) for t in network.turns(shape, length)) for length in LENGTHS
        }
        self.forward: Callable[..., Tensor] = network.hidden_states
        if setting.is_compiled:
            self.forward = torch.compile(network.hidden_states, dynamic=False)
        folder.mkdir(parents=True, exist_ok=True)

    def fit(self, stream: Packed, probe: Probe | None = None) -> None:
        """Train from the present step to the last one.

        Raises:
            Interrupted: the wall-clock limit came first; call again on a resumed run.
        """
        started = time.monotonic() - self.seconds
        since, told = time.monotonic(), self.step
        begun = time.monotonic()
        while self.step < self.setting.steps:
            found = self._one_step(stream)
            self.step += 1
            self.seconds = time.monotonic() - started
            if self.step % 20 == 0:
                tokens = self.setting.tokens_before(self.step) - self.setting.tokens_before(told)
                found["tokens_per_second"] = tokens / (time.monotonic() - since)
                self._log(found)
                since, told = time.monotonic(), self.step
            if probe and (self.step % self.setting.probe_steps == 0 or self.step == self.setting.steps):
                self._log(probe(self.weights))
                since, told = time.monotonic(), self.step
            is_late = time.monotonic() - begun > self.setting.wall_seconds
            if self.step % self.setting.checkpoint_steps == 0 or is_late or self.step == self.setting.steps:
                self.save()
            if is_late and self.step < self.setting.steps:
                raise Interrupted(f"Stopped at step {self.step} of {self.setting.steps}.")

    def _one_step(self, stream: Packed) -> dict[str, float]:
        setting = self.setting
        words = batch(stream, self.step, setting)
        length = words.shape[1] - 1
        inputs, targets, marks = (part.to(setting.device) for part in unpack(words))
        shares = torch.full(marks.shape, TEXT_WEIGHT, device=marks.device)
        shares[marks == packing.PROMPT] = PROMPT_WEIGHT
        shares[marks == packing.ANSWER] = ANSWER_WEIGHT
        self._set_rates()
        seen = self._seen_weights()
        aims = self.guide.aims(words) if self.guide else {}
        missed: list[Tensor] = []
        heads = guiding.heads_of(aims, length, self.shape.layers, setting.device)
        hidden = self.forward(seen, self.shape, inputs, self.tables[length], heads, missed)
        hidden = hidden.reshape(-1, self.shape.hidden)
        loss, each = network.weighted_loss(seen, hidden, targets.reshape(-1), (shares / shares.sum()).reshape(-1))
        off = torch.stack(missed).mean() if missed else torch.zeros((), device=loss.device)
        (loss + setting.guidance * off).backward()  # type: ignore[no-untyped-call]
        if seen is not self.weights:
            for name, weight in self.weights.items():
                weight.grad = seen[name].grad if weight.grad is None else weight.grad
        norm = torch.nn.utils.clip_grad_norm_(self.weights.values(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        if self.step < setting.hold_until * setting.steps:
            self.circuit.restore(self.weights)
        kinds = {"text": 0, "prompt": packing.PROMPT, "answer": packing.ANSWER}
        flat = marks.reshape(-1)
        means = {f"{name}_loss": float(each[flat == mark].mean()) for name, mark in kinds.items()}
        found = {"loss": float(loss.detach()), "gradient_norm": float(norm)} | means
        found |= guiding.told(heads, missed)
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def _seen_weights(self) -> dict[str, Tensor]:
        if self.step < self.setting.round_from * self.setting.steps:
            return self.weights
        generator = torch.Generator(self.setting.device).manual_seed(self.setting.seed + self.step)
        with torch.no_grad():
            return {
                name: rounded(weight, generator).requires_grad_() if is_rounded(name, weight) else weight
                for name, weight in self.weights.items()
            }

    def _set_rates(self) -> None:
        setting = self.setting
        warm = min(1.0, (self.step + 1) / setting.warm_up_steps)
        left = (setting.steps - self.step) / (setting.steps * (1 - setting.cool_from))
        factor = warm * min(1.0, left)
        for optimizer, rate in zip(self.optimizers, self.rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor

    def _log(self, found: dict[str, float]) -> None:
        row = {"step": self.step, "seconds": round(self.seconds, 1)} | {k: round(v, 5) for k, v in found.items()}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")

    def save(self) -> None:
        """Write the checkpoint; the state file is replaced last, so a kill leaves the old pair or the new one."""
        tensors = {f"weights/{name}": weight.detach() for name, weight in self.weights.items()}
        for number, optimizer in enumerate(self.optimizers):
            for key, state in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer/{number}/{key}/{name}": value for name, value in state.items()}
        name = f"state-{self.step:06d}.safetensors"
        save_file({key: value.contiguous().clone() for key, value in tensors.items()}, self.folder / name)
        state = {"step": self.step, "seconds": self.seconds, "tensors": name, "setting": asdict(self.setting)}
        fresh = self.folder / "state.json.new"
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.folder / "state.json")
        for old in self.folder.glob("state-*.safetensors"):
            if old.name != name:
                old.unlink()

    def resume(self) -> bool:
        """Take up the checkpoint of the folder; False when there is none."""
        path = self.folder / "state.json"
        if not path.is_file():
            return False
        state = json.loads(path.read_text(encoding="utf-8"))
        tensors = load_file(self.folder / state["tensors"], device=self.setting.device)
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(tensors[f"weights/{name}"])
        for number, optimizer in enumerate(self.optimizers):
            whole = optimizer.state_dict()
            whole["state"] = _states(tensors, f"optimizer/{number}/")
            optimizer.load_state_dict(whole)
        self.step, self.seconds = state["step"], state["seconds"]
        log = self.folder / "log.jsonl"
        if log.is_file():  # steps after the checkpoint are done, and told, once more
            told = log.read_text(encoding="utf-8").splitlines(keepends=True)
            log.write_text("".join(row for row in told if json.loads(row)["step"] <= self.step), encoding="utf-8")
        return True


def _states(tensors: dict[str, Tensor], prefix: str) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for key, value in tensors.items():
        if key.startswith(prefix):
            number, name = key.removeprefix(prefix).split("/")
            found.setdefault(int(number), {})[name] = value
    return found


def batch(stream: Packed, step: int, setting: Fitting) -> Packed:
    """The rows of a step, (rows, length + 1), one word overlapping; in the long phase round and round."""
    short, long = LENGTHS
    begin = setting.short_steps * setting.rows * short
    if step < setting.short_steps:
        length = short
        starts = (step * setting.rows + np.arange(setting.rows)) * short
    else:
        length = long
        number = (step - setting.short_steps) * setting.rows + np.arange(setting.rows)
        starts = begin + number % ((len(stream) - 1 - begin) // long) * long
    rows: Packed = stream[starts[:, None] + np.arange(length + 1)[None, :]]
    return rows


def unpack(words: Packed) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs, targets and the targets' marks, each (rows, time) of 64-bit integers."""
    whole = torch.from_numpy(words.astype(np.int64))
    tokens = whole & packing.TOKEN_MASK
    return tokens[:, :-1], tokens[:, 1:], whole[:, 1:] & (packing.PROMPT | packing.ANSWER)
