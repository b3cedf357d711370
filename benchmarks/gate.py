"""How often the gate promotes, in simulated exams whose true change is known, beside a bare ">5%" rule.

    python benchmarks/gate.py --rounds 2000

Improvement: exams of n questions on documents of ten, in which one version in four answers differently from the other,
clustered or not, and the true change is 0, 5 or 10 points. The bare rule promotes when the score is more than 5 points
higher, on the same questions or on as many others. Floor: a general benchmark on which the baseline has 60% right and
one answer in ten differs; a version lost nothing, 3 points (95% of 60%) or 6. The bare rule asks whether the score is
95% of the baseline's.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loresmith.compare.gate import Contest, decide
from loresmith.compare.marks import Mark, Sheet
from loresmith.recipe import GateConfig

Flags = NDArray[np.bool_]
TO_A_DOCUMENT = 10
SURE_GAIN = 0.3
"""Of the exam beside a benchmark whose floor is measured: so large that the floor alone decides."""


@dataclass(frozen=True)
class World:
    """What is true of two versions."""

    questions: int
    share: float
    """Of right answers of the old version."""
    gain: float
    differing: float
    """Share of questions that only one of the two gets right."""
    spread: float = 0.0
    """Standard deviation of the gain from document to document."""


IMPROVEMENTS = tuple(
    World(n, 0.4, gain, 0.25, spread) for spread in (0.0, 0.1) for gain in (0.0, 0.05, 0.1) for n in (100, 400, 1000)
)
FLOORS = tuple(World(n, 0.6, gain, 0.1) for gain in (0.0, -0.03, -0.06) for n in (200, 400, 1000, 2000))


def drawn(rng: np.random.Generator, world: World) -> tuple[Flags, Flags]:
    """Which questions the old and the new version get right."""
    n = world.questions
    effect = np.repeat(rng.normal(0, world.spread, n // TO_A_DOCUMENT), TO_A_DOCUMENT)
    won = np.clip((world.differing + world.gain + effect) / 2, 0, 1)
    lost = np.clip((world.differing - world.gain - effect) / 2, 0, 1)
    number = rng.random(n)
    is_won, is_lost = number < won, (number >= won) & (number < won + lost)
    both = rng.random(n) < (world.share - (world.differing - world.gain) / 2) / (1 - world.differing)
    return is_lost | (both & ~is_won), is_won | (both & ~is_lost)


def contest(name: str, old: Flags, new: Flags) -> Contest:
    """The two versions on a sheet each, ten questions to a document."""

    def sheet(right: Flags) -> Sheet:
        marks = (Mark(str(i), float(is_right), str(i // TO_A_DOCUMENT)) for i, is_right in enumerate(right))
        return Sheet(name, "correct", tuple(marks))

    return Contest(sheet(old), sheet(new))


def improvement(world: World, rounds: int, seed: int) -> tuple[float, float, float]:
    """How often promoted: by the gate, by the bare rule on the same questions, and on as many others."""
    rng, promoted = np.random.default_rng(seed), np.zeros(3)
    for _ in range(rounds):
        old, new = drawn(rng, world)
        other, _ = drawn(rng, world)
        found = decide([contest("recall", old, new)], [], GateConfig())
        promoted += [
            found.decision == "promote",
            new.mean() - old.mean() > 0.05,
            new.mean() - other.mean() > 0.05,
        ]
    return float(promoted[0]) / rounds, float(promoted[1]) / rounds, float(promoted[2]) / rounds


def floor(world: World, rounds: int, seed: int) -> tuple[float, float, float, float]:
    """How often the floor holds, is broken, is open, and how often the bare rule passes."""
    rng, seen = np.random.default_rng(seed), np.zeros(4)
    exam = contest("recall", np.arange(400) % 10 < 3, np.arange(400) % 10 < 3 + round(10 * SURE_GAIN))
    for _ in range(rounds):
        old, new = drawn(rng, world)
        found = decide([exam], [contest("general", old, new)], GateConfig())
        status = found.rules[-1].status
        seen += [status == "holds", status == "broken", status == "open", new.mean() >= 0.95 * old.mean()]
    held, broken, unknown, bare = (float(times) / rounds for times in seen)
    return held, broken, unknown, bare


def lines(rounds: int, seed: int) -> Iterator[str]:
    """Two tables, line by line."""
    yield "| true change | n | documents differ by | gate promotes | > 5 points, same questions | > 5 points, others |"
    yield "|--:|--:|--:|--:|--:|--:|"
    for world in IMPROVEMENTS:
        gate, same, others = improvement(world, rounds, seed)
        shown = f"{100 * world.gain:+.0f} | {world.questions:,} | {100 * world.spread:.0f}"
        yield f"| {shown} | {100 * gate:.1f}% | {100 * same:.1f}% | {100 * others:.1f}% |"
    yield ""
    yield "| true change of 60% | n | floor holds | do not ship | cannot tell | bare 95% rule passes |"
    yield "|--:|--:|--:|--:|--:|--:|"
    for world in FLOORS:
        shares = " | ".join(f"{100 * part:.1f}%" for part in floor(world, rounds, seed))
        yield f"| {100 * world.gain:+.0f} | {world.questions:,} | {shares} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000, help="Simulated decisions for each line.")
    parser.add_argument("--seed", type=int, default=17)
    given = parser.parse_args()
    for line in lines(given.rounds, given.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
