"""Our 4- and 8-bit arithmetic beside that of bitsandbytes, in one run: same numbers in, how far apart they come out.

    python -m benchmarks.low_bits        (needs `pip install bitsandbytes`; its CPU code is enough)

Prints, for random weights, how many codes differ and the error of both against the whole weights; and for 50 steps of
AdamW on a noisy bowl, how far both 8-bit optimizers end from torch's whole one, as a share of the way gone.
"""

import importlib
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from loresmith.recipe import TrainConfig
from loresmith.train import optimizers
from loresmith.train.nf4 import Nf4Linear

ROWS, COLUMNS, NUMBERS, STEPS, RATE = 1024, 2048, 1 << 18, 50, 1e-3


def four_bits(bnb: Any) -> str:
    """Codes that differ, and the error of both."""
    whole = torch.nn.Linear(COLUMNS, ROWS, bias=False)
    torch.nn.init.normal_(whole.weight, std=0.02)
    weights = whole.weight.detach()
    codes, state = bnb.functional.quantize_4bit(weights, compress_statistics=True, quant_type="nf4")
    ours, theirs = Nf4Linear(whole), bnb.functional.dequantize_4bit(codes, state)
    odd = int((ours.packed != codes.view(-1)).sum())
    odd_scales = int((ours.scale_codes != state.absmax).sum())
    errors = [float((found - weights).norm() / weights.norm()) for found in (ours.weight, theirs)]
    counts = f"{odd} of {codes.numel()} bytes and {odd_scales} of {len(state.absmax)} scales differ"
    error = f"error {errors[0]:.5f} (ours), {errors[1]:.5f} (bitsandbytes), ratio {errors[0] / errors[1]:.5f}"
    return f"NF4, {ROWS} x {COLUMNS}: {counts}; {error}"


def eight_bits(bnb: Any) -> str:
    """How far both optimizers end from the whole one."""
    ends = {name: _walked(name, bnb) for name in ("whole", "ours", "bitsandbytes")}
    gone = (ends["whole"] - _start()).norm()
    away = {name: float((end - ends["whole"]).norm() / gone) for name, end in ends.items()}
    return (
        f"AdamW in 8 bits, {STEPS} steps on {NUMBERS} numbers: away from the whole one by {away['ours']:.4f} (ours), "
        f"{away['bitsandbytes']:.4f} (bitsandbytes), ratio {away['ours'] / away['bitsandbytes']:.3f}"
    )


def _start() -> Tensor:
    return torch.randn(NUMBERS, generator=torch.Generator().manual_seed(0))


def _walked(name: str, bnb: Any) -> Tensor:
    weights, noise = torch.nn.Parameter(_start()), torch.Generator().manual_seed(1)
    gradient = torch.zeros(NUMBERS)
    config = TrainConfig(optim="adamw_8bit" if name == "ours" else "adamw_torch", weight_decay=0.0)
    if name == "bitsandbytes":
        weights.grad = gradient
        given = bnb.optim.AdamW8bit([weights], lr=RATE, weight_decay=0.0)
    else:
        flat: Any = SimpleNamespace(weights=weights, gradient=gradient, decayed=NUMBERS)
        own = optimizers.chosen(flat, config)
    for _ in range(STEPS):
        gradient.copy_(torch.randn(NUMBERS, generator=noise) + weights.data)
        if name == "bitsandbytes":
            given.step()
        else:
            own.step(RATE)
    return weights.detach()


if __name__ == "__main__":
    torch.manual_seed(0)
    peer = importlib.import_module("bitsandbytes")
    print(f"torch {torch.__version__}, bitsandbytes {peer.__version__}, {torch.get_num_threads()} threads")
    print(four_bits(peer))
    print(eight_bits(peer))
