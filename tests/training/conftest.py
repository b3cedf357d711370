"""A corpus of a few kilobytes and a network of a few thousand weights, for the programs that make the starter."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from training.starter.fitting import Fitting
from training.starter.shape import Shape

SENTENCES = (
    "The {a} valve opens at {n} bar and closes when the pressure of the tank falls again.",
    "In {y} the engineers of Norway built a {a} bridge over the river near the harbour.",
    "A {a} pump is a machine that moves water from a low tank to a high tank.",
    "Later that year Captain {c} Harlow wrote about the {a} engine in a letter from Boston.",
)


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "gutenberg").mkdir()
    words = ["copper", "iron", "glass", "silver", "green", "heavy", "narrow", "quiet", "broad", "early"]
    captains = ["Alma", "Boris", "Clara", "Dmitri", "Elena"]
    paragraphs = [
        " ".join(
            sentence.format(a=words[(i + k) % 10], n=i * 7 % 90 + 2, y=1800 + i, c=captains[i % 5])
            for k, sentence in enumerate(SENTENCES)
        )
        for i in range(1000)
    ]
    book = "Header\n*** START OF THIS BOOK ***\n\n" + "\n\n".join(paragraphs) + "\n\n*** END OF THIS BOOK ***\nLicence"
    (folder / "gutenberg" / "moby_dick.txt").write_text(book, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_shape() -> Shape:
    return Shape(vocabulary=400, hidden=128, inner=128, layers=3, window=1024)


@pytest.fixture(scope="session")
def tiny_fitting() -> Fitting:
    return Fitting(steps=12, rows=2, warm_up_steps=4, checkpoint_steps=4, probe_steps=12)
