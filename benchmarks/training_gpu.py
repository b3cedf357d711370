"""Real tokens per second of LoRA fine-tuning of a 3B shape on one GPU, beside Trainer and TRL in the same run.

    python benchmarks/training_gpu.py --shape qwen2.5-3b --runs 1 --seconds 20

Random weights: speed is measured, never quality. Each contender (see `training_contenders.py`) runs in a process of its
own; the figure is the median over its steps, then over the runs. A contender whose loss does not fall or whose gradient
is zero gets no figure; what is not installed or does not fit is named. Model TFLOP/s count the frozen products forward
and back and the head for the tokens with loss, and nothing that is computed twice. Without a GPU the run says so and
measures nothing; `--shape toy` runs the harness on the CPU. Exits 1 when a packed gradient is not that of its
conversations one by one, or when nothing could be measured.
"""

import argparse
import statistics
import sys
from importlib.metadata import version
from typing import Any

from training_contenders import ON_GPU, SHAPES
from training_process import Failed, figures

CONTENDERS = (
    "Trainer, padded to 512",
    "TRL, its defaults",
    "TRL, no checkpointing",
    "TRL, packed, no checkpointing",
    "ours, 4k tokens a step",
    "ours, 16k tokens a step",
)
NAIVE = CONTENDERS[0]
LOSS_SHARE = 0.5
"""Of the tokens of a conversation, those that carry loss."""
LARGEST_ERROR = {True: 2e-2, False: 1e-6}
"""Of a packed gradient, relative: in 16 bits on a GPU, and in float32."""
LONGEST_RUN = 300.0
"""Seconds beyond those that are measured, for the start."""


def measured(name: str, shape: str, seconds: float) -> dict[str, Any] | str:
    """The figures of one contender, or why there are none."""
    try:
        return figures(name, shape, seconds, around={}, longest=LONGEST_RUN + seconds)
    except Failed as fault:
        return str(fault).splitlines()[-1][:120]


def model_flops(shape: str) -> float:
    """Operations for one token: 4 for each frozen weight of the blocks, and for the head where there is loss."""
    size = SHAPES[shape]
    width, head = size["hidden_size"], size["hidden_size"] // size["num_attention_heads"]
    attention = 2 * width * width + 2 * width * head * size["num_key_value_heads"]
    block = attention + 3 * width * size["intermediate_size"]
    return 4.0 * (size["num_hidden_layers"] * block + LOSS_SHARE * size["vocab_size"] * width)


def row(name: str, shape: str, runs: list[dict[str, Any] | str], naive: float) -> tuple[str, float]:
    """A line of the table and the contender's median, NaN without one."""
    figures = [run for run in runs if isinstance(run, dict)]
    if len(figures) < len(runs):
        return f"| {name} | {next(run for run in runs if isinstance(run, str))} | – | – | – | – |", float("nan")
    first, last = (statistics.median(run[key] for run in figures) for key in ("first_loss", "last_loss"))
    if not last < first or min(run["smallest_gradient_norm"] for run in figures) <= 0:
        return f"| {name} | nothing learned | – | – | {first:.3f}, {last:.3f} | – |", float("nan")
    rate = statistics.median(run["tokens_per_second"] for run in figures)
    naive = rate if name == NAIVE else naive
    tera = rate * model_flops(shape) / 1e12
    peak = max(run["peak_mib"] for run in figures)
    return f"| {name} | {rate:,.0f} | {rate / naive:.1f} | {tera:.3g} | {first:.3f}, {last:.3f} | {peak:,} |", rate


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=(*ON_GPU, "toy"), default=ON_GPU[0])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each contender and run, after its start")
    given = parser.parse_args()
    import torch

    if given.shape in ON_GPU and not torch.cuda.is_available():
        sys.stdout.write(f"{given.shape}: not measured, this machine has no GPU that torch can use.\n")
        return 1
    machine = torch.cuda.get_device_name() if given.shape in ON_GPU else "CPU"
    error = measured("gradients", given.shape, 0)
    lines, naive, rates = [], float("nan"), []
    for name in CONTENDERS:
        sys.stderr.write(f"{name}\n")
        line, rate = row(
            name, given.shape, [measured(name, given.shape, given.seconds) for _ in range(given.runs)], naive
        )
        naive = rate if name == NAIVE else naive
        lines.append(line)
        rates.append(rate)
    versions = ", ".join(f"{package} {version(package)}" for package in ("torch", "transformers", "peft"))
    told = error if isinstance(error, str) else f"{error['gradient_error']:.1e}"
    sys.stdout.write(
        f"{given.shape} on {machine}, {given.runs} runs of {given.seconds:.0f} s; {versions}\n"
        f"packed gradient against one by one: {told}\n\n"
        "| contender | real tokens a second | to the naive one | model TFLOP/s | loss at first, at last | peak MiB |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )
    is_right = isinstance(error, dict) and error["gradient_error"] < LARGEST_ERROR[given.shape in ON_GPU]
    return 0 if is_right and any(rate == rate for rate in rates) else 1


if __name__ == "__main__":
    sys.exit(main())
