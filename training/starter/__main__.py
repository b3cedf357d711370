"""From raw text to shipped weights: `python -m training.starter --corpus FOLDER --work FOLDER --out FOLDER`."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from training.starter import build, fitting
from training.starter.corpus import CorpusMissing
from training.starter.shape import Shape


def main(arguments: list[str] | None = None) -> int:
    """Build the starter; 0 when the model is written, 75 when the wall-clock limit stopped it (run again to go on)."""
    parser = argparse.ArgumentParser(prog="python -m training.starter", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the source texts")
    parser.add_argument("--work", type=Path, required=True, help="scratch: stream, checkpoints, log; used on resume")
    parser.add_argument("--out", type=Path, required=True, help="where the model folder is written")
    defaults = fitting.Fitting()
    parser.add_argument("--steps", type=int, default=defaults.steps, help="optimizer steps (%(default)s)")
    parser.add_argument("--rows", type=int, default=defaults.rows, help="rows a step (%(default)s)")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--device", default=defaults.device, help="cpu or cuda")
    parser.add_argument("--compile", action="store_true", help="compile the forward pass (on CPU: needs C++)")
    parser.add_argument("--wall-minutes", type=float, default=math.inf, help="then stop with a checkpoint")
    given = parser.parse_args(arguments)
    setting = fitting.Fitting(
        steps=given.steps,
        rows=given.rows,
        seed=given.seed,
        device=given.device,
        is_compiled=given.compile,
        wall_seconds=given.wall_minutes * 60,
    )
    try:
        build.build(build.Plan(given.corpus, given.work, given.out, Shape(), setting))
    except CorpusMissing as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except fitting.Interrupted as stop:
        sys.stderr.write(f"{stop} Run the same command again to go on.\n")
        return 75
    return 0


if __name__ == "__main__":
    sys.exit(main())
