"""How often the 95% intervals of an examination cover the truth, in simulated exams whose truth is known.

    python benchmarks/intervals.py --exams 4000

Three tables of percentages. Shares: Wilson's interval where questions are independent, exactly, by summing over every
outcome; then the same and ours where the answers about one document go together. Differences: the plain bootstrap over
documents, and ours, by how many questions differ between the arms. An exam of 0 spread has no difference from document
to document; with many exams the noise of a percentage is 100 * sqrt(0.05 * 0.95 / exams).
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loresmith import statistics

Floats = NDArray[np.float64]
RESAMPLES = 1000
INDEPENDENT = tuple((n, share) for n in (20, 50, 100, 400, 1000) for share in (0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95))
CLUSTERED = tuple((docs, size, share, together) for docs, size in ((8, 20), (12, 10), (20, 5), (20, 20), (50, 8))
                  for share, together in ((0.5, 0.0), (0.5, 0.1), (0.9, 0.1), (0.5, 0.3)))  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """Two arms on the same questions."""

    documents: int
    size: int
    """Questions to a document, on average."""
    gain: float
    """Of the second arm, before `spread`."""
    discordant: float
    """Share of questions that one arm alone gets right."""
    spread: float = 0.0
    """Standard deviation of the gain from document to document."""


DIFFERENCES = (
    *(Compared(n, 1, *rates) for n in (50, 100, 400, 1000) for rates in ((0.0, 0.05), (0.05, 0.1), (0.1, 0.25))),
    *(Compared(*sizes, *rates) for sizes in ((8, 20), (12, 10), (20, 5), (20, 20), (50, 8))
      for rates in ((0.0, 0.1, 0.0), (0.1, 0.25, 0.0), (0.0, 0.2, 0.15), (0.1, 0.25, 0.2))),
)  # fmt: skip


def wilson_covers(n: int, truth: float) -> float:
    """The probability that Wilson's interval of `n` independent questions holds `truth`."""
    total = 0.0
    for correct in range(n + 1):
        interval = statistics.wilson(correct, n)
        if interval.low <= truth <= interval.high:
            log_ways = math.lgamma(n + 1) - math.lgamma(correct + 1) - math.lgamma(n - correct + 1)
            total += math.exp(log_ways + correct * math.log(truth) + (n - correct) * math.log(1 - truth))
    return total


def clustered_marks(
    rng: np.random.Generator, documents: int, size: int, share: float, together: float
) -> tuple[list[bool], list[str]]:
    """Marks of one arm, and the document of each.

    Args:
        rng: Drawn from.
        documents: Their number.
        size: Questions to a document, on average.
        share: Right answers in truth.
        together: Correlation of two answers about one document.
    """
    sizes = rng.integers(max(1, size // 2), size * 3 // 2 + 1, documents)
    strength = 1 / together - 1 if together else math.inf
    shares = rng.beta(share * strength, (1 - share) * strength, documents) if together else np.full(documents, share)
    clusters = np.repeat(np.arange(documents), sizes)
    return (rng.random(len(clusters)) < shares[clusters]).tolist(), [str(name) for name in clusters]


def share_covers(setting: tuple[int, int, float, float], exams: int, seed: int) -> tuple[float, float]:
    """How often Wilson's interval and ours hold the truth of clustered answers."""
    rng = np.random.default_rng(seed)
    truth, hits = setting[2], np.zeros(2)
    for _ in range(exams):
        marks, clusters = clustered_marks(rng, *setting)
        plain, ours = statistics.wilson(sum(marks), len(marks)), statistics.share(marks, clusters)
        hits += [plain.low <= truth <= plain.high, ours.low <= truth <= ours.high]
    return float(hits[0]) / exams, float(hits[1]) / exams


def compared_marks(rng: np.random.Generator, exam: Compared) -> tuple[Floats, Floats, list[str]]:
    """Marks of the two arms, and the document of each question; a question that both get right or wrong counts as 0."""
    sizes = np.ones(exam.documents, int)
    if exam.size > 1:
        sizes = rng.integers(max(1, exam.size // 2), exam.size * 3 // 2 + 1, exam.documents)
    clusters = np.repeat(np.arange(exam.documents), sizes)
    won, lost = _rates(exam, rng.normal(0, exam.spread, exam.documents))
    drawn = rng.random(len(clusters))
    is_won = drawn < won[clusters]
    is_lost = ~is_won & (drawn < (won + lost)[clusters])
    return is_lost.astype(float), is_won.astype(float), [str(name) for name in clusters]


def true_gain(exam: Compared) -> float:
    """The mean over all documents there could be."""
    won, lost = _rates(exam, np.random.default_rng(0).normal(0, exam.spread, 400_000))
    return float((won - lost).mean())


def difference_covers(exam: Compared, exams: int, seed: int) -> tuple[float, float]:
    """How often the plain bootstrap's interval and ours hold the true gain."""
    rng, truth, hits = np.random.default_rng(seed), true_gain(exam), np.zeros(2)
    for _ in range(exams):
        first, second, clusters = compared_marks(rng, exam)
        plain = statistics.bootstrap(second - first, clusters, rng, RESAMPLES)
        ours = statistics.paired_bootstrap(first, second, clusters, rng, RESAMPLES)
        hits += [plain.low <= truth <= plain.high, ours.low <= truth <= ours.high]
    return float(hits[0]) / exams, float(hits[1]) / exams


def _rates(exam: Compared, effect: Floats) -> tuple[Floats, Floats]:
    won = np.clip((exam.discordant + exam.gain + effect) / 2, 0, 1)
    return won, np.clip((exam.discordant - exam.gain - effect) / 2, 0, 1 - won)


def lines(exams: int, seed: int) -> Iterator[str]:
    """The tables, line by line, as they are worked out."""
    yield from _row("questions", "true share", "Wilson")
    for n, share in INDEPENDENT:
        yield from _row(n, share, f"{100 * wilson_covers(n, share):.1f}")
    yield ""
    yield from _row("documents", "questions each", "true share", "correlation", "Wilson", "ours")
    for setting in CLUSTERED:
        yield from _row(*setting, *(f"{100 * part:.1f}" for part in share_covers(setting, exams, seed)))
    yield ""
    yield from _row("documents", "questions each", "gain", "differing", "spread", "bootstrap", "ours")
    for exam in DIFFERENCES:
        shown = (exam.documents, exam.size, exam.gain, exam.discordant, exam.spread)
        yield from _row(*shown, *(f"{100 * part:.1f}" for part in difference_covers(exam, exams, seed)))


def _row(*cells: object) -> Sequence[str]:
    line = f"| {' | '.join(map(str, cells))} |"
    return (line,) if not isinstance(cells[0], str) else (line, "|---" * len(cells) + "|")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exams", type=int, default=4000, help="Simulated exams for each line.")
    parser.add_argument("--seed", type=int, default=17)
    given = parser.parse_args()
    for line in lines(given.exams, given.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
