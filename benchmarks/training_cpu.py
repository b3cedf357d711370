"""Real tokens per processor second of LoRA fine-tuning, beside transformers' Trainer and TRL in the same run.

    python benchmarks/training_cpu.py --shape 5m --runs 3 --seconds 20

Each contender (see `training_contenders.py`) runs in a process of its own on one thread, all of them in turn, so that
what else the machine does hits all alike; the figure is the median over the runs. Padding counts for nothing. A
contender whose loss does not fall or whose gradient is zero gets no figure, and the run ends with code 1; so it does
when a packed gradient is not that of its conversations one by one, or when a ratio is below the aim.
"""

import argparse
import statistics
import sys
from importlib.metadata import version
from typing import Any

from training_process import Failed, figures

CONTENDERS = (
    "Trainer, padded to 512",
    "Trainer, padded to the batch",
    "Trainer, padded to the batch, bf16 model",
    "TRL, its defaults",
    "TRL, no checkpointing",
    "TRL, no checkpointing, fp32",
    "TRL, packed, no checkpointing",
    "ours, fp32",
    "ours",
)
NAIVE, OURS = CONTENDERS[0], CONTENDERS[-1]
AIMS = {"5m": (10.0, 4.0), "30m": (10.0, None)}
"""Wanted ratios to the naive recipe and to the best of TRL."""
LARGEST_ERROR = 1e-6
"""Of a packed gradient in float32, relative."""
ALONE = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


def measured(name: str, shape: str, seconds: float) -> dict[str, Any]:
    """The figures of one contender, from a process of its own on one thread."""
    try:
        return figures(name, shape, seconds, around=ALONE)
    except Failed as fault:
        sys.exit(f"{name} failed:\n{str(fault)[-2000:]}")


def is_alive(figures: dict[str, Any]) -> bool:
    """Whether something was learned while the time was taken."""
    return bool(figures["last_loss"] < figures["first_loss"] and figures["smallest_gradient_norm"] > 0)


def table(rows: dict[str, list[dict[str, Any]]]) -> tuple[str, dict[str, float]]:
    """The figures as Markdown, and the median of each contender that learned."""
    rates = {
        name: statistics.median(run["tokens_per_cpu_second"] for run in runs)
        for name, runs in rows.items()
        if all(map(is_alive, runs))
    }
    best = max((rate for name, rate in rates.items() if name.startswith("TRL")), default=float("nan"))
    lines = [
        "| contender | real tokens a processor second (lowest, highest) | to the naive one | to the best of TRL "
        "| loss at first, at last | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in rows.items():
        all_of_them = [run["tokens_per_cpu_second"] for run in runs]
        first, last = (statistics.median(run[key] for run in runs) for key in ("first_loss", "last_loss"))
        if name not in rates:
            lines.append(f"| {name} | nothing learned | – | – | {first:.3f}, {last:.3f} | – |")
            continue
        peak = max(run["peak_mib"] for run in runs)
        lines.append(
            f"| {name} | {rates[name]:,.0f} ({min(all_of_them):,.0f}, {max(all_of_them):,.0f}) "
            f"| {rates[name] / rates.get(NAIVE, float('nan')):.1f} | {rates[name] / best:.1f} "
            f"| {first:.3f}, {last:.3f} | {peak:,} MiB |"
        )
    return "\n".join(lines), rates | {"best of TRL": best}


def missed(shape: str, rates: dict[str, float], error: float) -> list[str]:
    """What fell short."""
    found = [] if error < LARGEST_ERROR else [f"The packed gradient is off by {error:.1e}."]
    for aim, peer in zip(AIMS.get(shape, (None, None)), (NAIVE, "best of TRL"), strict=True):
        if aim is None:
            continue
        ratio = rates.get(OURS, 0.0) / rates.get(peer, float("nan"))
        if not ratio >= aim:
            found.append(f"{ratio:.1f} times {peer}; wanted {aim:.0f}.")
    return found


def main() -> int:
    """Print the table; 1 when something fell short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=("5m", "30m", "toy"), default="5m")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each contender and run, after its start")
    given = parser.parse_args()
    error = measured("gradients", given.shape, 0)["gradient_error"]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
    for number in range(given.runs):
        for name, found in rows.items():
            sys.stderr.write(f"run {number + 1} of {given.runs}: {name}\n")
            found.append(measured(name, given.shape, given.seconds))
    text, rates = table(rows)
    packages = ("torch", "transformers", "peft", "trl", "accelerate")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    short = missed(given.shape, rates, error)
    sys.stdout.write(
        f"{given.shape}, {given.runs} runs of {given.seconds:.0f} s, one thread; {versions}\n"
        f"packed gradient against one by one, float32: {error:.1e}\n\n{text}\n" + "".join(f"{one}\n" for one in short)
    )
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
