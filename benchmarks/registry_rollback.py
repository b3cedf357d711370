"""Move the champion back and forth while clients ask, and see what they notice.

    python benchmarks/registry_rollback.py --project FOLDER --with gguf --clients 16 --moves 10

FOLDER is a project that can answer: with `--with gguf` its export must be finished. It is added twice to a registry in
a temporary folder, a real server follows the champion, and each move is alternately a rollback and a promotion. Every
answer says which version gave it. Prints one line per move and a summary as JSON; exits 1 if a request failed, or if a
move took two seconds or more until the other version had answered.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from loresmith.pipeline import open_project
from loresmith.progress import finish
from loresmith.registry import Registry
from loresmith.serve import server
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.following import Following

LIMIT_SECONDS = 2.0


@dataclass
class Crowd:
    """Clients that ask one question after another, each waiting for its answer."""

    url: str
    question: str
    answers: list[tuple[float, float, int, str]] = field(default_factory=list)
    """When it was asked, when it was answered, status, version."""
    is_over: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Ask until it is over."""
        body = {"model": "loresmith", "messages": [{"role": "user", "content": self.question}]}
        with httpx.Client(base_url=self.url, timeout=120) as client:
            while not self.is_over.is_set():
                began = time.monotonic()
                try:
                    answer = client.post("/v1/chat/completions", json=body)
                    status, version = answer.status_code, answer.json().get("system_fingerprint", "")
                except (httpx.HTTPError, ValueError) as fault:
                    status, version = 0, repr(fault)
                self.answers.append((began, time.monotonic(), status, version))


def move(book: Registry, number: int) -> float:
    """Make `number` the champion by rollback or promotion; the moment of the move."""
    if book.alias("previous") == number:
        finish(book.rollback(reason="benchmark"))
    else:
        book.promote(number, instead_of=book.alias("champion"), reason="benchmark")
    return time.monotonic()


def first_answer(crowd: Crowd, version: str, moved: float) -> float:
    """Seconds from `moved` to the first answer of `version` after it."""
    while True:
        found = [done for _, done, _, by in list(crowd.answers) if by == version and done > moved]
        if found or time.monotonic() - moved > 60:
            return min(found, default=float("inf")) - moved
        time.sleep(0.02)


def measured(book: Registry, crowd: Crowd, given: argparse.Namespace) -> dict[str, Any]:
    """All moves, and what the clients noticed."""
    threads = [threading.Thread(target=crowd.ask, daemon=True) for _ in range(given.clients)]
    for thread in threads:
        thread.start()
    time.sleep(given.pause)
    waits = []
    for turn in range(given.moves):
        number = 1 if turn % 2 == 0 else 2
        verb = "rollback" if book.alias("previous") == number else "promote"
        began = time.monotonic()
        moved = move(book, number)
        waits.append(first_answer(crowd, f"version-{number}", moved))
        print(
            f"{verb:<8} to {number}: verified and moved in {moved - began:.2f} s, answered after {waits[-1]:.2f} s",
            flush=True,
        )
        time.sleep(given.pause)
    crowd.is_over.set()
    for thread in threads:
        thread.join(120)
    seconds = sorted(done - began for began, done, _, _ in crowd.answers)
    span = max(done for _, done, _, _ in crowd.answers) - min(began for began, _, _, _ in crowd.answers)
    return {
        "requests": len(crowd.answers),
        "failed": sum(status != 200 for _, _, status, _ in crowd.answers),
        "seconds_to_first_answer": {"median": statistics.median(waits), "most": max(waits), "n": len(waits)},
        "latency": {
            "median": statistics.median(seconds),
            "p99": seconds[int(0.99 * (len(seconds) - 1))],
            "most": seconds[-1],
        },
        "requests_per_second": len(crowd.answers) / span,
    }


def main() -> int:
    """Serve, move, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--with", dest="writer", choices=("auto", "gguf", "adapter", "none"), default="auto")
    parser.add_argument("--question", default="What is double quantization?")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--moves", type=int, default=10)
    parser.add_argument("--standby", action="store_true", help="Keep the previous champion open.")
    parser.add_argument("--pause", type=float, default=2.0, help="Seconds of load before and after each move.")
    given = parser.parse_args()
    project = open_project(given.project)
    with (
        tempfile.TemporaryDirectory(prefix="loresmith-registry-", dir=given.project.parent) as folder,
        closing(Registry(Path(folder), create=True)) as book,
    ):
        for _ in range(2):
            number = finish(book.add(project)).number
            book.promote(number, instead_of=book.alias("champion"), reason="benchmark")
        following = Following(Path(folder), "champion", given.writer, standby=given.standby)
        app = create_api(Desk(following, version=following.version), "expert", following.status)
        listening = server.bind("127.0.0.1", 0)
        running = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.05)
        while given.standby and following.status()["standby"] is None:
            time.sleep(0.05)
        told = measured(book, Crowd(server.address_of(listening).rstrip("/"), given.question), given)
        running.should_exit = True
        thread.join(60)
    print(json.dumps({"writer": given.writer, "standby": given.standby, "clients": given.clients, **told}, indent=1))
    return int(told["failed"] > 0 or told["seconds_to_first_answer"]["most"] >= LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
