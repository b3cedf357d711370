"""Rows of others that are trained beside a project's questions: read, held against the exams, converted when needed.

A row that stands in an exam of the project, or in a benchmark that the recipe names, is cut, whatever it is called.
Splits that are meant for examining are passed over. Not covered: leaks in other words.
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from loresmith.contamination.index import Benchmarks
from loresmith.contamination.screening import contaminated_dialogues
from loresmith.curriculum import Task
from loresmith.errors import UserError
from loresmith.exchange import reading
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.exams import held_out
from loresmith.models import chat
from loresmith.plugins import Conversation
from loresmith.recipe import DecontaminateConfig, MixSource, ReplayConfig
from loresmith.train.dialogues import of_dialogue

UNKNOWN = "unknown"
SHOWN = 200
"""Characters of a question that say which row was dropped."""
_LICENSE = re.compile(r"\A---\n.*?^license:\s*['\"]?([^'\"\n]+)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Row:
    """Something to learn, and what is known about it."""

    conversation: Conversation
    task: Task
    difficulty: float | None = None
    """As the row itself says; `None` where it does not."""
    license: str = ""


@dataclass(frozen=True)
class Reader:
    """What turns dialogues into conversations, or says why not."""

    tokenizer: Any
    max_length: int
    exams: Benchmarks | None
    """What no row may stand in."""
    seed: int


class Pool:
    """The rows of one source in an order that the seed decides; converted are as many as were asked for."""

    def __init__(self, source: MixSource | ReplayConfig, path: Path, reader: Reader) -> None:
        """Read `path`.

        Raises:
            UserError: it is damaged, in no known format, empty, or an exam.
            NothingKept: none of its rows can be learned from.
        """
        self.source, self._reader = source, reader
        found = reading.read(path, source.format)
        exams = held_out(found.splits, is_exam=found.is_exam)
        apart = {*exams, "validation"} & found.splits.keys()
        dialogues = [dialogue for split, rows in found.splits.items() if split not in apart for dialogue in rows]
        if apart and not dialogues:
            raise UserError(
                f"{path} holds {', '.join(sorted(apart))} rows alone, which are for examining and never trained on.",
                next_step=f"Give the training split for {source.name}.",
            )
        reading.require_some(found, path)
        self.size, self.read = len(dialogues), len(found.dialogues) + len(found.dropped)
        self.passed_over = sum(len(found.splits[split]) for split in apart)
        self.kept: list[Row] = []
        self.dropped: list[tuple[dict[str, str], str]] = [
            ({"source": source.name, "place": gone.place.replace(str(path), path.name)}, gone.reason)
            for gone in found.dropped
        ]
        """What is known of each row that was dropped, and why."""
        random.Random(f"{reader.seed} rows of {source.name}").shuffle(dialogues)
        self._license = source.license or _of_card(path)
        self._left = self._converted(dialogues)

    def first(self, count: int) -> list[Row]:
        """The first `count` rows that can be learned from; fewer where there are not so many."""
        self.kept.extend(islice(self._left, max(0, count - len(self.kept))))
        return self.kept[:count]

    def _converted(self, dialogues: list[Dialogue]) -> Iterator[Row]:
        how = chat.turn(self._reader.tokenizer)
        for dialogue in dialogues:
            made = self._leak(dialogue) or of_dialogue(
                dialogue, self._reader.tokenizer, how, self._reader.max_length, self.source.name
            )
            if isinstance(made, Conversation):
                yield self._row(dialogue, made)
            else:
                shown = {"id": dialogue.id, "question": dialogue.turns[0].text[:SHOWN]}
                self.dropped.append(({"source": self.source.name, **shown}, made))

    def _leak(self, dialogue: Dialogue) -> str | None:
        """Which exam `dialogue` stands in, and how one knows."""
        if self._reader.exams is None:
            return None
        hit = next(contaminated_dialogues([dialogue], self._reader.exams))
        return None if hit is None else f"in an exam ({hit.benchmark}): {hit.check}"

    def _row(self, dialogue: Dialogue, made: Conversation) -> Row:
        asked = Task(dialogue.turns[0].text, dialogue.turns[-1].text, bool(dialogue.contexts), bool(dialogue.options))
        said = self.source.license or dialogue.aside.get("license") or self._license
        return Row(made, asked, _share(dialogue.aside), said)


def exam_index(files: Mapping[str, Path], config: DecontaminateConfig) -> Benchmarks | None:
    """All that the rows of others may not stand in; `None` where no file of `files` holds anything."""
    held = {name: path for name, path in files.items() if path.is_dir() or (path.is_file() and path.stat().st_size)}
    return Benchmarks(held, config) if held else None


def _share(aside: Mapping[str, str]) -> float | None:
    """The difficulty that a prepared row carries."""
    try:
        return float(aside["difficulty"])
    except (KeyError, ValueError):
        return None


def _of_card(path: Path) -> str:
    """The licence in the head of the dataset card of a folder."""
    card = path / "README.md"
    if not card.is_file():
        return UNKNOWN
    found = _LICENSE.search(card.read_text(encoding="utf-8", errors="replace"))
    return found[1].strip() if found else UNKNOWN
