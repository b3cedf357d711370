"""How many questions the language check accuses wrongly, and how many in a swapped language it finds.

    python benchmarks/languages.py --project my-expert --squad xquad.en.json --faq FOLDER

PROJECT has English questions of any teacher; XQuAD has 1,190 that people wrote; FOLDER holds the Debian FAQ in several
languages (`debian-faq.de.txt.gz`, from the packages debian-faq, debian-faq-de, ...), whose numbered questions are
translations of each other. The English ones are also asked in small letters with half of their longer words misspelled.
A question of the FAQ is put to the passage of its own number, in its own language and in each of the others. Questions
that stayed English in a translation are left out.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Iterable
from pathlib import Path

from loresmith.generate.languages import LanguageCheck, language_of
from loresmith.recipe.languages import AS_DOCUMENT
from loresmith.records import Chunk, Question

SEED = 17
PASSAGE = 1400
"""Characters of an answer of the FAQ that are taken as its passage."""
LEAST_PASSAGE = 200
_NUMBER = re.compile(r"^ *(\d+\.\d+(?:\.\d+)?)\.\s", re.MULTILINE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Pair = tuple[str, Chunk]


def chunk_of(text: str, name: str) -> Chunk:
    """`text` as a chunk of its own."""
    place = {"document": "d", "source": name, "title": "", "headings": (), "page": None}
    return Chunk.model_validate(place | {"id": name, "start": 0, "end": len(text), "kind": "prose", "text": text})


def fault(check: LanguageCheck, pair: Pair) -> str | None:
    """What the check has against the question."""
    text, chunk = pair
    place = {"id": "q", "fact": "f", "document": "d", "source": "s", "page": None, "chunk": chunk.id, "quote": ""}
    rest = {"kind": "other", "form": "short", "wording": 0, "question": text, "answer": ""}
    return check.fault(Question.model_validate(place | rest), chunk)


def misspelled(text: str, rng: random.Random) -> str:
    """`text` in small letters, every second longer word with two letters swapped, one left out or one changed."""
    words = []
    for word in text.lower().split():
        if len(word) > 3 and rng.random() < 0.5:
            at = rng.randrange(1, len(word) - 1)
            swapped_pair = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            changed = word[:at] + rng.choice(_LETTERS) + word[at + 1 :]
            word = rng.choice((swapped_pair, word[:at] + word[at + 1 :], changed))
        words.append(word)
    return " ".join(words)


def of_project(folder: Path) -> list[Pair]:
    """The short questions of a project, and those statements that are judged."""
    chunks = {row["id"]: Chunk.model_validate(row) for row in _rows(folder / "chunks" / "rows.jsonl")}
    return [(row["question"], chunks[row["chunk"]]) for row in _rows(folder / "questions" / "rows.jsonl")]


def of_squad(path: Path) -> list[Pair]:
    """The questions of a file in the format of SQuAD."""
    paragraphs = [
        paragraph for entry in json.loads(path.read_text("utf-8"))["data"] for paragraph in entry["paragraphs"]
    ]
    placed = ((chunk_of(each["context"], str(at)), each["qas"]) for at, each in enumerate(paragraphs))
    return [(asked["question"], chunk) for chunk, questions in placed for asked in questions]


def of_faq(path: Path) -> dict[str, Pair]:
    """Question and passage by number; the table of contents comes first and holds every question whole."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    marks = list(_NUMBER.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    asked: dict[str, str] = {}
    said: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        piece = text[mark.end() : end]
        if mark[1] not in asked:
            asked[mark[1]] = " ".join(piece.split())
        else:
            said[mark[1]] = piece[:PASSAGE]
    whole = {number: re.match(r".*?[?？]", question) for number, question in asked.items()}
    return {
        number: (found[0], chunk_of(said[number], f"{path.name} {number}"))
        for number, found in whole.items()
        if found and len(said.get(number, "")) >= LEAST_PASSAGE
    }


def accused(name: str, pairs: Iterable[Pair], *, is_misspelled: bool = False) -> None:
    """Print how many of sound questions fall."""
    check, rng, pairs = LanguageCheck(AS_DOCUMENT), random.Random(SEED), list(pairs)
    if is_misspelled:
        pairs = [(misspelled(text, rng), chunk) for text, chunk in pairs]
    begun = time.perf_counter()
    fallen = [(text, reason) for text, chunk in pairs if (reason := fault(check, (text, chunk)))]
    each = (time.perf_counter() - begun) * 1000 / max(1, len(pairs))
    print(f"| {name}{', misspelled' if is_misspelled else ''} | {len(pairs):,} | {len(fallen)} | {each:.2f} ms |")
    for text, reason in fallen[:3]:
        print(f"    {text} -> {reason}")


def swapped(folder: Path) -> None:
    """Print, for each language of the passage, how many questions of each language fall."""
    faqs = {path.name.split(".")[1]: of_faq(path) for path in sorted(folder.rglob("debian-faq.*.txt.gz"))}
    faqs.pop("txt", None)  # the English one under its old name
    english = {question for question, _ in faqs["en"].values()}
    check = LanguageCheck(AS_DOCUMENT)
    print("| passage \\ question | " + " | ".join(faqs) + " |\n|---|" + "---:|" * len(faqs))
    found = swaps = 0
    for spoken, passages in faqs.items():
        sure = {number for number, (_, chunk) in passages.items() if language_of(chunk.text) == spoken[:2]}
        cells = []
        for asked, questions in faqs.items():
            put = [
                (text, passages[number][1])
                for number, (text, _) in questions.items()
                if number in sure and (asked == "en" or text not in english)
            ]
            fallen = sum(fault(check, pair) is not None for pair in put)
            cells.append(f"{fallen}/{len(put)}")
            found, swaps = (found, swaps) if asked == spoken else (found + fallen, swaps + len(put))
        print(f"| {spoken} | {' | '.join(cells)} |")
    print(f"\nswapped and found: {found} of {swaps} ({found / swaps:.1%})")


def _rows(path: Path) -> Iterable[dict[str, str]]:
    return (json.loads(line) for line in path.read_text("utf-8").splitlines())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--squad", type=Path, required=True)
    parser.add_argument("--faq", type=Path, required=True)
    given = parser.parse_args()
    begun = time.perf_counter()
    language_of("The model is read.")
    print(f"reading the model: {time.perf_counter() - begun:.2f} s\n")
    print("| sound questions | n | accused | each |\n|---|---:|---:|---:|")
    for name, pairs in (("of the project", of_project(given.project)), ("of XQuAD", of_squad(given.squad))):
        accused(name, pairs)
        accused(name, pairs, is_misspelled=True)
    print()
    swapped(given.faq)


if __name__ == "__main__":
    main()
