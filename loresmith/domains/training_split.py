"""Only what is meant for training is read: which split a file holds, by its name, and the refusal of all others.

A model that was trained on a benchmark's test rows passes that benchmark and nothing else. A file is judged by every
word of its name ("ARC-Challenge-Test.jsonl") and by the whole names of its folders. Not covered: a test split under
another name.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from loresmith.errors import UserError
from loresmith.exchange.files import SPLITS, Portion, portions

TRAINING, VALIDATION, TEST = "train", "validation", "test"
ORDER = (TEST, VALIDATION, TRAINING)
"""The strictest first: `train_test.csv` counts as a test split."""


def named_split(path: Path, below: Path) -> str:
    """The split that the name of a file, or of a folder from `below` downwards, says; `train` when none says any.

    Splits of a project (`recall`, `transfer`) are exams and count as `test`.
    """
    in_name = [_meant(word) for word in re.split(r"[^a-z0-9]+", path.stem.lower())]
    inside = path.relative_to(below).parts[:-1] if path.is_relative_to(below) else ()
    in_folders = [_meant(part.lower()) for part in (*inside, below.name if path != below else "", path.parent.name)]
    said = [split for split in in_name if split] or [split for split in in_folders if split]
    return next((split for split in ORDER if split in said), TRAINING)


def training_portions(source: Path, *, with_validation: bool) -> Iterator[Portion]:
    """The portions of `source` that may be trained on.

    Where a folder holds several splits, the others are passed over.

    Raises:
        UserError: it holds no training rows; says which split it holds instead. See also `portions`.
    """
    allowed = {TRAINING, VALIDATION} if with_validation else {TRAINING}
    refused: dict[str, Path] = {}
    is_found = False
    for portion in portions(source):
        split = portion.split if portion.split not in SPLITS.values() else _meant(portion.split)
        if split == TRAINING or split not in ORDER:
            split = named_split(portion.path, source)
        if split in allowed:
            is_found = True
            yield portion
        else:
            refused.setdefault(split, portion.path)
    if not is_found:
        raise _refusal(source, refused)


def _meant(word: str) -> str:
    split = SPLITS.get(word, "")
    return TEST if split in ("recall", "transfer") else split


def _refusal(source: Path, refused: dict[str, Path]) -> UserError:
    split = next((split for split in ORDER if split in refused), TEST)
    if split == VALIDATION:
        return UserError(
            f"{refused[split]} is a validation split; only training splits are read.",
            next_step="Give the training split, or add --with-validation if no exam uses those rows.",
        )
    return UserError(
        f"{refused.get(split, source)} is a test split, which is never trained on.",
        next_step="Give the training split. If it is none, rename the file: its name says so.",
    )
