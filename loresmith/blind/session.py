"""A contest that goes on: who has judged what, and what comes next. Several raters may judge at once."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from loresmith.artifact import machine_error
from loresmith.blind.contest import VOTES, Pair, Side, load
from loresmith.errors import UserError
from loresmith.lines import append_line
from loresmith.records import Record

Choice = Literal["left", "right", "tie", "bad"]
LONGEST_NAME = 60


class Vote(Record):
    """What one rater said of one pair; the last line for both holds."""

    key: str
    rater: str
    vote: Choice
    """`tie`: both are as good; `bad`: neither will do."""
    left: Side
    """Whose answer stood left."""
    at: str

    @property
    def outcome(self) -> Literal["a", "b", "tie", "bad"]:
        """The vote with the sides lifted."""
        if self.vote in ("tie", "bad"):
            return self.vote
        other: Side = "b" if self.left == "a" else "a"
        return self.left if self.vote == "left" else other


@dataclass(frozen=True)
class Shown:
    """A pair as one rater sees it."""

    pair: Pair
    left: str
    right: str
    number: int
    """From 1, in the rater's own order."""
    total: int


class Session:
    """The votes of one contest; may be used from several threads, and beside other processes."""

    def __init__(self, folder: Path) -> None:
        """Open the contest in `folder`. Raises as `load` does."""
        self.folder, self.contest = folder, load(folder)
        self._lock = threading.Lock()
        self._keys = {pair.key: pair for pair in self.contest.pairs}

    def votes(self) -> list[Vote]:
        """The votes that hold, of every rater.

        Raises:
            UserError: a line was written by hand and is no vote; names it.
            MachineError: the file cannot be read.
        """
        found: dict[tuple[str, str], Vote] = {}
        for vote in _read(self.folder / VOTES):
            if vote.key in self._keys:
                found.pop((vote.key, vote.rater), None)
                found[vote.key, vote.rater] = vote
        return list(found.values())

    def left_over(self) -> dict[str, int]:
        """Each rater who began, with the pairs that are left to judge."""
        done: dict[str, int] = {}
        for vote in self.votes():
            done[vote.rater] = done.get(vote.rater, 0) + 1
        return {rater: len(self._keys) - number for rater, number in done.items()}

    @property
    def is_over(self) -> bool:
        """Whether everybody who began has judged every pair."""
        left = self.left_over()
        return bool(left) and not any(left.values())

    def next_for(self, rater: str) -> Shown | None:
        """The first pair that `rater` has not judged; `None`: all are."""
        done = {vote.key for vote in self.votes() if vote.rater == rater}
        return next((self._shown(pair, rater) for pair in self.contest.order(rater) if pair.key not in done), None)

    def last_of(self, rater: str) -> Shown | None:
        """The pair that `rater` judged last, to judge it again."""
        own = [vote for vote in self.votes() if vote.rater == rater]
        return self._shown(self._keys[own[-1].key], rater) if own else None

    def vote(self, key: str, rater: str, choice: Choice) -> None:
        """Write a vote down; it is on the disk when this returns.

        Raises:
            UserError: there is no such pair, or nobody can be called so.
            MachineError: it cannot be written.
        """
        if key not in self._keys:
            raise UserError("This pair is not in the contest.", next_step="Load the page again.")
        left = self.contest.left(key, named(rater))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = Vote(key=key, rater=named(rater), vote=choice, left=left, at=now).model_dump_json()
        with self._lock:
            append_line(self.folder / VOTES, line.encode())

    def _shown(self, pair: Pair, rater: str) -> Shown:
        order = [one.key for one in self.contest.order(rater)]
        sides = (pair.a, pair.b) if self.contest.left(pair.key, rater) == "a" else (pair.b, pair.a)
        return Shown(pair, *sides, order.index(pair.key) + 1, len(order))


def named(rater: str) -> str:
    """`rater` on one line.

    Raises:
        UserError: it is empty or longer than a name.
    """
    name = " ".join(rater.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise UserError(
            f"A rater needs a name of 1 to {LONGEST_NAME} characters.", next_step="Give one, such as `--rater anna`."
        )
    return name


def _read(path: Path) -> Iterator[Vote]:
    try:
        raw = path.read_bytes() if path.is_file() else b""
    except OSError as fault:
        raise machine_error(fault, path) from fault
    for number, line in enumerate(raw.split(b"\n"), 1):
        try:
            row = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue  # a killed process left it half written; that vote was never confirmed
        if row is None:
            continue
        try:
            yield Vote.model_validate(row)
        except ValidationError as fault:
            raise UserError(f"{path}, line {number} is no vote.", next_step="Mend or delete that line.") from fault
