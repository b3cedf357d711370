"""A month of `loresmith watch` on a fake clock, with real training of the bundled starter.

    python -m benchmarks.watch_month --work /tmp/month --picture docs/pictures/watch-month.svg

Documents arrive three times, one is corrected, one withdrawn, and the last that arrives is poisoned: a backup that came
back as noise, on which training lowers the exam. The champion sits the current exam every Sunday. Alerts go to a web
server of this process. Each promise is checked and printed; exits 1 if one is not kept. Killed, it goes on from the day
that was not finished. Prints one JSON object.
"""

import argparse
import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks import plant
from loresmith.artifact import read, write_whole
from loresmith.cli.environment import prepare
from loresmith.pipeline import Project
from loresmith.progress import finish
from loresmith.recipe import Recipe, rehearsed
from loresmith.records import Document, Progress, Question
from loresmith.registry import CHAMPION, Registry
from loresmith.watch import collecting
from loresmith.watch.notices import mailbox
from loresmith.watch.places import Places
from loresmith.watch.records import Round
from loresmith.watch.round import Bench
from loresmith.watch.standing import picture
from loresmith.watch.watching import look

YEAR, MONTH = 2026, 11


@dataclass(frozen=True)
class Day:
    """What happens to the documents on a day, and what the watch has to make of it."""

    day: int
    told: str
    files: dict[str, str | None] = field(default_factory=dict)
    """Document to its text; `None` takes it away."""
    outcomes: tuple[str, ...] = ()


DAYS = (
    Day(2, "valves and pumps: the first documents", {n: plant.table(n) for n in ("valves", "pumps")}, ("promoted",)),
    Day(8, "Sunday"),
    Day(10, "tanks arrive", {"tanks": plant.table("tanks")}, ("promoted",)),
    Day(13, "pumps are corrected", {"pumps": plant.table("pumps", edition=2)}, ("promoted",)),
    Day(15, "Sunday"),
    Day(17, "motors arrive", {"motors": plant.table("motors")}, ("promoted",)),
    Day(20, "valves are withdrawn", {"valves": None}, ("promoted",)),
    Day(22, "Sunday"),
    Day(24, "a broken backup arrives", {"backup": plant.backup("tanks")}, ("kept",)),
    Day(26, "the backup is taken away", {"backup": None}, ("refreshed",)),
    Day(29, "Sunday"),
)


class Clock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.time = datetime(YEAR, MONTH, 1, 9, tzinfo=UTC)

    def now(self) -> datetime:
        """The fake time."""
        return self.time


@contextmanager
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a web server of this process, and the alerts that it got."""
    got: list[dict[str, Any]] = []

    class Clerk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *given: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Clerk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", got
    finally:
        server.shutdown()


def recipe_for(work: Path, base: str, url: str) -> Recipe:
    """Small sizes for the starter, closed-book recall as the exam, and every trigger that the month uses."""
    asked = Recipe.model_validate(
        {
            "name": "plant",
            "documents": [str(work / "documents")],
            "generate": {"wordings": 6, "options": 3, "unanswerable": 0, "true_false": 0, "facts_per_chunk": 40},
            "split": {"held_out": 0, "validation": 0},
            "evaluate": {"arms": ["base", "lora"], "text_passages": 0, "bootstrap_samples": 2000},
            "gate": {"arm": "lora"},
            "watch": {"schedule": "0 8 * * 0", "settle_seconds": 0, "alerts": [url], "alerts_per_hour": 10},
        }
    )
    small, _ = rehearsed(asked)
    changed: dict[str, Any] = {"open_book": 0.0, "max_length": 256, "eval_steps": 10_000, "save_steps": 50}
    changed |= {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "warmup_steps": 20}
    changed |= {
        "num_train_epochs": 6
    }  # of six wordings five are taught: what is held back is answered by more than luck
    update: dict[str, Any] = {}
    if base != "starter":  # a random model learns only with all its weights, and only a little
        changed |= {"method": "full", "learning_rate": 3e-3}
        update = {"model": small.model.model_copy(update={"base": base, "dtype": "float32"})}
    return small.model_copy(update={**update, "train": small.train.model_copy(update=changed)})


@dataclass
class Month:
    """The month so far."""

    work: Path
    bench: Bench
    clock: Clock
    got: list[dict[str, Any]]
    promises: dict[str, bool] = field(default_factory=dict)

    def promise(self, words: str, is_kept: bool) -> None:
        """Note and show whether a promise is kept."""
        self.promises[words] = is_kept
        sys.stderr.write(f"  {'kept  ' if is_kept else 'BROKEN'} {words}\n")

    def write(self, day: Day) -> None:
        """Bring the documents to where `day` has them."""
        for name, text in day.files.items():
            path = self.work / "documents" / f"{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(text, encoding="utf-8")

    def live(self, day: Day) -> list[Round]:
        """Let `day` happen."""
        self.write(day)
        self.clock.time = datetime(YEAR, MONTH, day.day, 9, tzinfo=UTC)
        is_current: list[bool] = []

        def show(step: Progress) -> None:
            if step.stage == "round" and step.note == "train" and self.bench.book.alias(CHAMPION):
                answered = collecting.answered_from(self.bench.book)
                is_current.append(answered == collecting.found(self.bench.project))
            if step.stage == "round":
                sys.stderr.write(f"    {step.note} {step.told}\n")

        began = time.monotonic()
        found = finish(look(self.bench), show)
        for one in found.rounds:
            sys.stderr.write(f"  round {one.number}: {one.outcome} — {one.headline}\n")
        if found.exam:
            sys.stderr.write(f"  exam: {100 * found.exam.accuracy.value:.1f}%\n")
        sys.stderr.write(f"  {time.monotonic() - began:.0f} s\n")
        if day.outcomes:
            outcomes = tuple(one.outcome for one in found.rounds)
            self.promise(f"{day.told}: {', '.join(day.outcomes)}", outcomes == day.outcomes)
        if is_current:
            self.promise(f"{day.told}: the champion answers from it before training", all(is_current))
        if any(text is None for text in day.files.values()):
            self.forgotten(day)
        return found.rounds

    def forgotten(self, day: Day) -> None:
        """Check that nothing of a withdrawn document is left in who answers."""
        names = {f"{name}.md" for name, text in day.files.items() if text is None}
        number = self.bench.book.alias(CHAMPION)
        assert number is not None
        folder = self.bench.book.folder(number)
        with closing(sqlite3.connect(f"file:{folder / 'index' / 'chunks.sqlite'}?mode=ro", uri=True)) as index:
            told = "\n".join(index.iterdump())
        here = {document.source for document in read(folder / "documents", made_by="ingest").rows(Document)}
        self.promise(f"{day.told}: gone from the index", not names & here and not any(name in told for name in names))
        split = folder / "split"
        if split.is_dir():
            made = read(split, made_by="split")
            rows = [row for name in ("train.jsonl", "recall.jsonl") for row in made.rows(Question, name)]
            gone = not any(row.source in names for row in rows)
            self.promise(f"{day.told}: gone from training and exam of who answers", bool(rows) and gone)


def main() -> int:
    """Live the month."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--work", type=Path, required=True)
    given.add_argument("--base", default="starter", help="another model, for trying the script")
    given.add_argument("--picture", type=Path)
    args = given.parse_args()
    prepare()  # before torch is loaded, here and in what is started from here
    began, processor, diary = time.monotonic(), time.process_time(), args.work / "days.json"
    kept: dict[str, Any] = json.loads(diary.read_text()) if diary.is_file() else {"day": 0, "seconds": 0.0, "cpu": 0.0}
    clock, promises, alerts = Clock(), kept.get("promises", {}), kept.get("alerts", [])
    with receiver() as (url, got), Registry(args.work / "registry", create=True, now=clock.now) as book:
        project = Project(args.work / "project", recipe_for(args.work, args.base, url), rehearsed=True)
        project.save()
        config, places = project.recipe.watch, Places(project.path)
        assert config is not None
        got += alerts
        month = Month(
            args.work, Bench(project, book, mailbox(config, places, clock.now), clock.now), clock, got, promises
        )
        for day in (one for one in DAYS if one.day > kept["day"]):
            sys.stderr.write(f"{MONTH}-{day.day:02}: {day.told}\n")
            month.live(day)
            spent = {
                "seconds": kept["seconds"] + time.monotonic() - began,
                "cpu": kept["cpu"] + time.process_time() - processor,
            }
            write_whole(diary, json.dumps({"day": day.day, "promises": month.promises, "alerts": got, **spent}))
        month.promise("the registry verifies", finish(book.verify()) == [])
        refused = [alert for alert in got if alert["kind"] == "kept"]
        month.promise("the refusal was sent with its numbers", any("points" in alert["text"] for alert in refused))
        month.promise("every round was told", len(got) >= len(places.rounds()))
        if args.picture and (svg := picture(places, "plant")):
            args.picture.write_text(svg + "\n", encoding="utf-8")
        rounds = [one.model_dump(mode="json") for one in places.rounds()]
        exams = [one.model_dump(mode="json") for one in places.exams()]
    spent = json.loads(diary.read_text())
    told = {"seconds": round(spent["seconds"]), "processor_seconds": round(spent["cpu"]), "promises": month.promises}
    sys.stdout.write(json.dumps({**told, "rounds": rounds, "exams": exams, "alerts": got}, indent=1) + "\n")
    return 0 if all(month.promises.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
