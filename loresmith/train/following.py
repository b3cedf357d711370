"""A course watched from outside, by the files that it writes: for the live page, and for the trackers.

Whatever engine trains, in however many processes, `log.jsonl` and `exams.jsonl` say all. A run that goes on from a
checkpoint tells the trackers the steps since that checkpoint a second time.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loresmith.artifact import write_whole
from loresmith.errors import LoresmithError
from loresmith.progress import Work
from loresmith.recipe import TrainConfig
from loresmith.records import Progress
from loresmith.train import live, log, reporting, watching
from loresmith.train.reporting import Tracker

PAGE = "training.html"
SECONDS_BETWEEN_PAGES = 1.0
"""Drawing takes some milliseconds, as a step of a small model does."""
EXAM_FIGURES = ("recall", "recall_f1", "general")

Line = dict[str, Any]


class Tail:
    """The lines of a JSON Lines file that grows, or is cut where a run goes on."""

    def __init__(self, path: Path) -> None:
        self._path, self._size = path, 0
        self.lines: list[Line] = []

    def fresh(self) -> list[Line]:
        """The lines that came since the last call; after a cut none, since all that is left was known."""
        size = self._path.stat().st_size if self._path.is_file() else 0
        if size == self._size:
            return []
        is_cut, start = size < self._size, 0 if size < self._size else self._size
        with self._path.open("rb") as file:
            file.seek(start)
            found = [json.loads(line) for line in file.read(size - start).splitlines()]
        self._size = size
        self.lines = found if is_cut else self.lines + found
        return [] if is_cut else found


class Follower:
    """Keeps page and trackers current while the adapters of a run are trained one after the other."""

    def __init__(self, folder: Path, config: TrainConfig, names: Sequence[str]) -> None:
        """`folder` is where the page goes; `names` are those of the adapters in order, empty for the whole."""
        self.page = folder / PAGE
        self._tracking, self._config = folder / reporting.FOLDER, config
        self._view = live.View(names=tuple(names))
        self._drawn_at = 0.0

    def __enter__(self) -> "Follower":
        self._draw()
        return self

    def __exit__(self, *fault: object) -> None:
        self._view.state = live.DONE if fault[0] is None else live.ENDED
        self._draw()

    def followed(self, work: Work[dict[str, Any]], target: Path, name: str) -> Work[dict[str, Any]]:
        """What `work` yields and returns; it trains the adapter `name` in `target`."""
        course = _Course(self._view, target, name)
        settings = self._config.model_dump(mode="json")
        trackers = reporting.opened(self._config.report_to, self._tracking, settings, name or None)
        try:
            while True:
                try:
                    progress = next(work)
                except StopIteration as end:
                    figures: dict[str, Any] = end.value
                    break
                self._look(course, trackers, progress)
                yield progress.model_copy(update={"note": f"{name}: {progress.note}"}) if name else progress
        except LoresmithError as fault:
            self._view.note = fault.problem
            raise
        finally:
            work.close()
            for tracker in trackers:
                tracker.close()
        self._view.finished.append((name, figures))
        return figures

    def _look(self, course: "_Course", trackers: Sequence[Tracker], progress: Progress) -> None:
        told = course.take(progress)
        for step, figures in told:
            for tracker in trackers:
                tracker.log(step, figures)
        if course.is_new or (told and time.monotonic() - self._drawn_at >= SECONDS_BETWEEN_PAGES):
            self._draw()

    def _draw(self) -> None:
        self._view.clock = time.strftime("%H:%M:%S")
        write_whole(self.page, live.page(self._view))
        self._drawn_at = time.monotonic()


class _Course:
    """How far one adapter is, as the view shows it."""

    def __init__(self, view: live.View, target: Path, name: str) -> None:
        self._view, self._log, self._exams = view, Tail(target / log.NAME), Tail(target / watching.NAME)
        self._first: Progress | None = None
        self.is_new = True
        """Whether it was looked at once at most."""
        self._started = self._seen_at = time.monotonic()
        self._seen_tokens: int | None = None
        view.begin(name)

    def take(self, progress: Progress) -> list[tuple[int, Line]]:
        """Bring the view up to date; the figures that are new since the first look, by step."""
        now, view = time.monotonic(), self._view
        logged, examined = self._log.fresh(), self._exams.fresh()
        view.logged, view.examined = self._log.lines, self._exams.lines
        view.done, view.total, view.note = progress.done, progress.total or 0, progress.note
        self.is_new = self._first is None
        if self._first is None:  # what lies there was told before the run went on
            self._first, self._started = progress, now
            self._seen_at = now
            return []
        taken = progress.done - self._first.done
        view.seconds = now - self._started
        view.left = view.seconds / taken * (view.total - view.done) if taken else None
        self._measure(logged, now)
        told = [(line["step"], {key: value for key, value in line.items() if key != "step"}) for line in logged]
        shares = [(line["step"], {key: line[key] for key in EXAM_FIGURES}) for line in examined]
        return told + [
            (step, {key: share for key, share in line.items() if share is not None}) for step, line in shares
        ]

    def _measure(self, logged: Sequence[Line], now: float) -> None:
        """Tokens a second since the line before, validation and exams included."""
        for line in logged:
            if "tokens" in line:
                if self._seen_tokens is not None and now > self._seen_at:
                    self._view.speeds.append(
                        (line["step"], (line["tokens"] - self._seen_tokens) / (now - self._seen_at))
                    )
                self._seen_tokens, self._seen_at = line["tokens"], now
