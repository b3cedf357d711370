"""How often the interval of the expected calibration error covers the truth, and how often a calibrated model passes.

    python benchmarks/calibration.py

Exams are drawn from models whose true error is known: the probability that a choice is right falls short of its
certainty by a share of what lies above guessing. Answers about one document go together.
"""

import numpy as np

from loresmith.report.reliability import BINS, Choice, calibration

GUESSED = 0.25
EXAMS = 300
SAMPLES = 1000


def drawn(rng: np.random.Generator, n: int, short: float) -> tuple[np.ndarray, np.ndarray]:
    """`n` certainties, and the true probability of being right at each."""
    sure = GUESSED + (1 - GUESSED) * rng.beta(2, 1.2, n)
    return sure, sure - short * (sure - GUESSED)


def truth(rng: np.random.Generator, short: float) -> float:
    """The error of infinitely many choices, nearly."""
    sure, right = drawn(rng, 400_000, short)
    places = np.ceil(sure * BINS).astype(int)
    return sum(abs(float((right - sure)[places == place].sum())) for place in set(places)) / len(sure)


def exam(rng: np.random.Generator, n: int, documents: int, short: float, spread: float) -> list[Choice]:
    """One exam; `spread` is how far the documents differ."""
    sure, right = drawn(rng, n, short)
    document = rng.integers(0, documents, n)
    marks = rng.random(n) < np.clip(right + rng.normal(0, spread, documents)[document], 0, 1)
    return [
        Choice(float(s), bool(m), f"d{d}", f"f{i}")
        for i, (s, m, d) in enumerate(zip(sure, marks, document, strict=True))
    ]


def main() -> None:
    """Print a table."""
    rng = np.random.default_rng(7)
    print("choices  documents  spread  true error  mean error  covered  called miscalibrated")
    for n, documents in ((40, 8), (80, 10), (200, 20), (600, 40)):
        for short, spread in ((0.0, 0.0), (0.0, 0.08), (0.3, 0.08), (0.8, 0.08)):
            true = truth(rng, short)
            found = [calibration(exam(rng, n, documents, short, spread), rng, SAMPLES) for _ in range(EXAMS)]
            kept = [one for one in found if one is not None]
            covered = np.mean([one.error.low <= true <= one.error.high for one in kept])
            print(
                f"{n:7}  {documents:9}  {spread:6.2f}  {true:10.3f}  {np.mean([one.error.value for one in kept]):10.3f}"
                f"  {covered:7.1%}  {np.mean([one.is_seen for one in kept]):.1%}"
            )


if __name__ == "__main__":
    main()
