"""Small benchmarks of our own in the shapes of the public ones: the general questions, and sums in words."""

import csv
import json
from pathlib import Path
from typing import Any

from loresmith.train.general_exam import GeneralQuestion, questions

Rows = list[dict[str, Any]]
SUBJECTS = ("anatomy", "astronomy")
DEV = 5


def choices() -> list[GeneralQuestion]:
    """The 36 general questions with four options."""
    return [question for question in questions() if question.options]


def arc(folder: Path) -> Path:
    """ARC's official JSON Lines; every third row counts its options from 1, as some of the real ones do."""
    lines = []
    for number, asked in enumerate(choices()):
        labels = "1234" if number % 3 == 2 else "ABCD"
        listed = [{"text": text, "label": label} for text, label in zip(asked.options, labels, strict=True)]
        key = labels[asked.options.index(asked.answer)]
        stem = {"stem": asked.question, "choices": listed}
        lines.append(json.dumps({"id": f"general-{number}", "question": stem, "answerKey": key}) + "\n")
    return _written(folder / "ARC-Challenge-Test.jsonl", lines)


def mmlu(folder: Path) -> Path:
    """MMLU's tables without header: two subjects, five worked examples and 13 questions each."""
    asked = choices()
    half = len(asked) // len(SUBJECTS)
    for number, subject in enumerate(SUBJECTS):
        mine = asked[number * half : (number + 1) * half]
        for split, part in (("dev", mine[:DEV]), ("test", mine[DEV:])):
            path = folder / split / f"{subject}_{split}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([one.question, *one.options, _letter(one)] for one in part)
    return folder


def gsm8k(folder: Path) -> Path:
    """Sums in words with their solutions: 6 to ask, 9 to show."""
    rows = [_sum(number) for number in range(15)]
    for split, part in (("test", rows[:6]), ("train", rows[6:])):
        _written(folder / f"{split}.jsonl", [json.dumps(row) + "\n" for row in part])
    return folder


def _sum(number: int) -> dict[str, str]:
    full, taken, price = 12 + 3 * number, 2 + number % 5, 3 + number % 4
    left = full - taken
    return {
        "question": f"A box holds {full} pears. Ann takes {taken} and sells the rest for ${price} each. "
        "How much is it?",
        "answer": f"{full} - {taken} = <<{full}-{taken}={left}>>{left} pears are left.\n"
        f"They bring {left} * {price} = $<<{left}*{price}={left * price}>>{left * price}.\n#### {left * price}",
    }


def _letter(asked: GeneralQuestion) -> str:
    return "ABCD"[asked.options.index(asked.answer)]


def _written(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    return path
