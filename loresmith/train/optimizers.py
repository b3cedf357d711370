"""AdamW (arXiv 1711.05101) over one flat tensor: torch's own, or with both averages in 8 bits (arXiv 2110.02861).

What an optimizer remembers is a few named tensors, so that a checkpoint is plain safetensors and a run that goes on
ends with the same bytes. Not covered: paged memory, other optimizers.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from loresmith.recipe import TrainConfig
from loresmith.train import eight_bits
from loresmith.train.methods import Trained, has_bitsandbytes

BETAS, EPS = (0.9, 0.999), 1e-8
# 1 M numbers are made whole at a time: 4 MB for each average. A multiple of the blocks of 256.
AT_ONCE = 1 << 20


class Optimizer(Protocol):
    """One step at a time over all trained numbers."""

    name: str
    """As the report calls it."""

    def step(self, rate: float) -> None:
        """Change the weights by their gradient at this learning rate."""
        ...

    def state(self) -> dict[str, Tensor]:
        """All that the next step depends on beside weights, gradient and the number of steps."""
        ...

    def restore(self, steps: int, state: Mapping[str, Tensor]) -> None:
        """Go on as if `steps` had been taken here, with what `state` gave then."""
        ...


@dataclass(frozen=True)
class Piece:
    """A run of the flat weights under one weight decay."""

    start: int
    stop: int
    decay: float


def chosen(trained: Trained, config: TrainConfig) -> Optimizer:
    """The optimizer that `config.optim` names, through bitsandbytes where that is the faster way."""
    whole, cut = trained.weights.numel(), trained.decayed
    pieces = [Piece(0, cut, config.weight_decay)] if cut else []
    pieces += [Piece(cut, whole, 0.0)] if cut < whole else []
    if config.optim != "adamw_8bit":
        return TorchAdamW(trained, pieces, is_fused=config.optim == "adamw_torch_fused")
    if has_bitsandbytes(trained.weights.device):
        return BitsAndBytesAdamW(trained, pieces)
    return EightBitAdamW(trained, pieces)


class TorchAdamW:
    """`torch.optim.AdamW`, whose averages are views into two flat tensors."""

    def __init__(self, trained: Trained, pieces: Sequence[Piece], *, is_fused: bool) -> None:
        self.name = "adamw_torch_fused" if is_fused else "adamw_torch"
        self.mean, self.square = torch.zeros_like(trained.weights.data), torch.zeros_like(trained.weights.data)
        self._parts = _parts(trained, pieces)
        groups = [{"params": [part], "weight_decay": p.decay} for part, p in zip(self._parts, pieces, strict=True)]
        self._adam = torch.optim.AdamW(groups, lr=0.0, betas=BETAS, eps=EPS, fused=is_fused)
        for part, piece in zip(self._parts, pieces, strict=True):
            self._adam.state[part] = {
                "step": torch.zeros((), device=part.device if is_fused else None),
                "exp_avg": self.mean[piece.start : piece.stop],
                "exp_avg_sq": self.square[piece.start : piece.stop],
            }

    def step(self, rate: float) -> None:
        """Change the weights by their gradient."""
        for group in self._adam.param_groups:
            group["lr"] = rate
        self._adam.step()

    def state(self) -> dict[str, Tensor]:
        """Both averages, by name."""
        return {"mean": self.mean, "square": self.square}

    def restore(self, steps: int, state: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint."""
        self.mean.copy_(state["mean"])
        self.square.copy_(state["square"])
        for part in self._parts:
            self._adam.state[part]["step"].fill_(float(steps))


class EightBitAdamW:
    """Both averages in 8 bits, made whole a million numbers at a time; the arithmetic is float32."""

    name = "adamw_8bit (torch)"

    def __init__(self, trained: Trained, pieces: Sequence[Piece]) -> None:
        self._weights, self._gradient, self._pieces = trained.weights.data, trained.gradient, pieces
        self._steps = 0
        self._state: dict[str, Tensor] = {}
        for piece in pieces:
            zeros = torch.zeros(piece.stop - piece.start, device=self._weights.device)
            for average, signed in (("mean", True), ("square", False)):
                codes, scales = eight_bits.quantised(zeros, signed)
                self._state |= {f"{average}.{piece.start}": codes, f"{average}_scales.{piece.start}": scales}

    def step(self, rate: float) -> None:
        """Change the weights by their gradient."""
        self._steps += 1
        for piece in self._pieces:
            for start in range(piece.start, piece.stop, AT_ONCE):
                self._update(piece, start, min(start + AT_ONCE, piece.stop), rate)

    def state(self) -> dict[str, Tensor]:
        """Both averages, by name."""
        return self._state

    def restore(self, steps: int, state: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint."""
        self._steps = steps
        for name, tensor in self._state.items():
            tensor.copy_(state[name])

    def _update(self, piece: Piece, start: int, stop: int, rate: float) -> None:
        """AdamW (arXiv 1711.05101, algorithm 2) on the numbers from `start` to `stop`."""
        weights, gradient = self._weights[start:stop], self._gradient[start:stop].float()
        mean = self._average("mean", piece, start, stop).lerp_(gradient, 1 - BETAS[0])
        square = self._average("square", piece, start, stop).mul_(BETAS[1])
        square.addcmul_(gradient, gradient, value=1 - BETAS[1])
        whole = (square / (1 - BETAS[1] ** self._steps)).sqrt_().add_(EPS)
        weights.mul_(1 - rate * piece.decay)
        weights.addcdiv_(mean, whole, value=-rate / (1 - BETAS[0] ** self._steps))
        self._keep("mean", piece, start, mean)
        self._keep("square", piece, start, square)

    def _average(self, name: str, piece: Piece, start: int, stop: int) -> Tensor:
        codes, scales = self._views(name, piece, start, stop - start)
        return eight_bits.dequantised(codes, scales, signed=name == "mean")

    def _keep(self, name: str, piece: Piece, start: int, average: Tensor) -> None:
        codes, scales = self._views(name, piece, start, len(average))
        new_codes, new_scales = eight_bits.quantised(average, signed=name == "mean")
        codes.copy_(new_codes)
        scales.copy_(new_scales)

    def _views(self, name: str, piece: Piece, start: int, count: int) -> tuple[Tensor, Tensor]:
        first = start - piece.start
        blocks = slice(first // eight_bits.BLOCK, -(-(first + count) // eight_bits.BLOCK))
        codes, scales = self._state[f"{name}.{piece.start}"], self._state[f"{name}_scales.{piece.start}"]
        return codes[first : first + count], scales[blocks]


class BitsAndBytesAdamW:
    """The same through bitsandbytes' kernels."""

    name = "adamw_8bit (bitsandbytes)"
    _KEPT = ("state1", "state2", "absmax1", "absmax2")

    def __init__(self, trained: Trained, pieces: Sequence[Piece]) -> None:
        bnb: Any = importlib.import_module("bitsandbytes")

        self._parts = _parts(trained, pieces)
        groups = [{"params": [part], "weight_decay": p.decay} for part, p in zip(self._parts, pieces, strict=True)]
        self._adam: Any = bnb.optim.AdamW8bit(groups, lr=0.0, betas=BETAS, eps=EPS)
        for number, (group, part) in enumerate(zip(self._adam.param_groups, self._parts, strict=True)):
            self._adam.init_state(group, part, number, 0)

    def step(self, rate: float) -> None:
        """Change the weights by their gradient."""
        for group in self._adam.param_groups:
            group["lr"] = rate
        self._adam.step()

    def state(self) -> dict[str, Tensor]:
        """Both averages, by name."""
        return {f"{name}.{number}": tensor for number, name, tensor in self._tensors()}

    def restore(self, steps: int, state: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint."""
        for number, name, tensor in self._tensors():
            tensor.copy_(state[f"{name}.{number}"])
        for part in self._parts:
            self._adam.state[part]["step"] = steps

    def _tensors(self) -> list[tuple[int, str, Tensor]]:
        states = [self._adam.state[part] for part in self._parts]
        return [(n, name, held[name]) for n, held in enumerate(states) for name in self._KEPT if name in held]


def _parts(trained: Trained, pieces: Sequence[Piece]) -> list[torch.nn.Parameter]:
    """Views of the flat weights, each with its view of the gradient."""
    parts = []
    for piece in pieces:
        part = torch.nn.Parameter(trained.weights.data[piece.start : piece.stop])
        part.grad = trained.gradient[piece.start : piece.stop]
        parts.append(part)
    return parts
