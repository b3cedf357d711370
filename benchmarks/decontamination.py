"""How many planted leaks each check finds, how many rows it accuses wrongly, and how fast it is.

    python benchmarks/decontamination.py --data ../shared/data

Questions of the benchmarks below DATA/eval are planted into conversations of DATA/instruct: as they are, in other case
and punctuation, with one word changed, inside a longer text, and reworded by rules (sentences in reverse order, common
words replaced). A find counts when it names the planted question. Conversations without a plant that are found are
printed, for a person to judge. MinHash of 5-word shingles with exact verification is measured beside it where
`datasketch` is installed.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loresmith.contamination.benchmark_files import benchmark_files, items_of
from loresmith.contamination.index import FEWEST_WORDS, Benchmarks, shown
from loresmith.contamination.runs import Runs
from loresmith.exchange.reading import read
from loresmith.likeness import Neighbours, words
from loresmith.recipe import DecontaminateConfig

BENCHMARKS = ("arc", "gsm8k", "hellaswag", "mmlu", "pubmedqa", "sciq", "squad", "truthfulqa")
ROWS = (
    "alpaca/seed_tasks.jsonl",
    "dolly/dolly_150.jsonl",
    "fastchat/dummy_conversation.json",
    "llama_factory/alpaca_en_demo.json",
    "oasst/en_100_tree.jsonl",
)
SYNONYMS = {
    **{"which": "what", "following": "below", "most": "very", "likely": "probable", "many": "numerous", "if": "when"},
    **{"person": "someone", "does": "will", "called": "named", "the": "that", "how": "in what way", "best": "ideal"},
}
SEED = 17
SHINGLE = 5

Find = Callable[[str], str | None]
"""A text to the question that it is found to hold, as it is shown."""


@dataclass(frozen=True)
class Method:
    """One way of finding, ready to be asked."""

    name: str
    find: Find
    build_seconds: float


def one_word_changed(text: str, rng: random.Random) -> str:
    """Another word of four letters or more in the place of one."""
    parts = text.split()
    long = [place for place, word in enumerate(parts) if len(word) > 3] or [0]
    parts[rng.choice(long)] = rng.choice(("lantern", "harvest", "velocity", "carpet", "monsoon", "ledger"))
    return " ".join(parts)


def reworded(text: str) -> str:
    """Sentences in reverse order, common words replaced."""
    sentences = re.split(r"(?<=[.?!])\s+", text)
    return " ".join(SYNONYMS.get(word.lower(), word) for sentence in reversed(sentences) for word in sentence.split())


def planted(question: str, carrier: str, kind: str, rng: random.Random) -> str:
    """A text that holds `question` in the way that `kind` says."""
    if kind == "exact":
        return question
    if kind == "re-cased":
        return re.sub(r"[,.;:]", " ", question.upper()) + " !"
    if kind == "one word changed":
        return one_word_changed(question, rng)
    if kind == "embedded":
        half = len(carrier) // 2
        return f"{carrier[:half]}\n{question}\n{carrier[half:]}"
    return reworded(question)


KINDS = ("exact", "re-cased", "one word changed", "embedded", "reworded")


def all_checks(files: dict[str, Path]) -> Method:
    """What `loresmith dataset decontaminate` does."""
    started = time.perf_counter()
    held = Benchmarks(files, DecontaminateConfig())

    def find(text: str) -> str | None:
        found = held.match([text])
        return None if found is None else found.item_text

    return Method("all checks", find, time.perf_counter() - started)


def runs_alone(questions: Sequence[str]) -> Method:
    """Runs of 13 words; shorter questions whole."""
    started = time.perf_counter()
    held = Runs(13, FEWEST_WORDS)
    for number, question in enumerate(questions):
        held.add(number, words(question), whole=True)
    held.seal()

    def find(text: str) -> str | None:
        found = held.find(words(text))
        return None if found is None else shown(questions[found.text])

    return Method("runs of words", find, time.perf_counter() - started)


def likeness_alone(questions: Sequence[str], threshold: float) -> Method:
    """Shared words of the whole text."""
    started = time.perf_counter()
    held = Neighbours(questions, threshold, names_count=False)

    def find(text: str) -> str | None:
        found = max(held.of(text), key=lambda pair: pair[1], default=None)
        return None if found is None else shown(questions[found[0]])

    return Method(f"shared words {threshold:g}", find, time.perf_counter() - started)


def minhash(questions: Sequence[str], threshold: float) -> Method | None:
    """Locality-sensitive hashing by `datasketch`; candidates are verified by the exact Jaccard of their shingles."""
    try:
        from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        print("datasketch is not installed: no comparison with MinHash", file=sys.stderr)
        return None

    def shingles(text: str) -> set[str]:
        held = words(text)
        return {" ".join(held[start : start + SHINGLE]) for start in range(max(1, len(held) - SHINGLE + 1))}

    def signature(found: set[str]) -> MinHash:
        made = MinHash(128)
        made.update_batch([shingle.encode() for shingle in found])
        return made

    started = time.perf_counter()
    held = [shingles(question) for question in questions]
    table = MinHashLSH(threshold=threshold, num_perm=128)
    for number, found in enumerate(held):
        table.insert(number, signature(found))

    def find(text: str) -> str | None:
        asked = shingles(text)
        for number in table.query(signature(asked)):
            if len(asked & held[number]) >= threshold * len(asked | held[number]):
                return shown(questions[number])
        return None

    return Method(f"MinHash {threshold:g}", find, time.perf_counter() - started)


def measure(method: Method, plants: dict[str, list[tuple[str, str]]], clean: Sequence[str]) -> list[str]:
    """Print one line of the table; the clean texts that were found, with what they were found to be."""
    shares = []
    for kind in KINDS:
        right = sum(method.find(text) == shown(question) for question, text in plants[kind])
        shares.append(f"{100 * right / len(plants[kind]):5.1f}%")
    started = time.perf_counter()
    accused = [(text, found) for text in clean if (found := method.find(text)) is not None]
    speed = len(clean) / (time.perf_counter() - started)
    cells = "  ".join(f"{share:>16}" for share in shares)
    print(f"{method.name:<18}{cells}  {len(accused):>9}  {speed:>8,.0f}/s  {method.build_seconds:5.1f} s")
    return [f"{method.name}: {shown(text)[:90]!r} as {found[:90]!r}" for text, found in accused]


def main() -> None:
    """Read, plant, find, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder with eval/ and instruct/.")
    parser.add_argument("--plants", type=int, default=500, help="Planted questions of each kind.")
    given = parser.parse_args()
    rng = random.Random(SEED)
    files = benchmark_files([given.data / "eval" / name for name in BENCHMARKS])
    items = [item for name, path in files.items() for item in items_of(name, path)]
    questions = list(dict.fromkeys(question for item in items for question in item.questions))
    texts = [
        turn.text for name in ROWS for dialogue in read(given.data / "instruct" / name).dialogues
        for turn in dialogue.turns
    ]  # fmt: skip
    clean = list(dict.fromkeys(texts))
    long = [question for question in questions if len(words(question)) >= FEWEST_WORDS]
    chosen = rng.sample(long, given.plants)
    plants = {kind: [(one, planted(one, rng.choice(clean), kind, rng)) for one in chosen] for kind in KINDS}
    methods = [
        all_checks(files),
        runs_alone(questions),
        likeness_alone(questions, 0.8),
        likeness_alone(questions, 0.95),
        minhash(questions, 0.5),
        minhash(questions, 0.8),
    ]
    print(f"{len(items):,} items of {len(files)} files; {given.plants} plants of each kind; {len(clean):,} clean texts")
    print(f"{'':<18}{'  '.join(f'{kind:>16}' for kind in KINDS)}  {'accused':>9}  {'texts':>10}  build")
    accused = [line for method in methods if method is not None for line in measure(method, plants, clean)]
    print("\n".join(accused))


if __name__ == "__main__":
    main()
