"""Kill a round at random moments and look at what it left: `python -m tests.watch.shaken_round HOME KILLS SEED`.

HOME holds a tiny `model`. A first version is made champion; then one document is withdrawn and another arrives, and a
round is held undisturbed, which says how long it takes and what is decided. Each trial begins from a copy of that
morning: a fork is killed by SIGKILL at a random moment, what it left is looked at, and another fork ends the round.
The forks are of one process that has loaded the libraries but started no thread. Prints one JSON object.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loresmith import artifact
from loresmith.progress import finish
from loresmith.registry import CHAMPION, Registry, shelf
from loresmith.watch.places import Places
from loresmith.watch.records import Reason
from loresmith.watch.round import hold
from loresmith.watch.watching import look
from tests.watch.small_watch import Clock, bench, recipe, write


def forked(work: Callable[[], None], seconds: float | None = None) -> tuple[bool, float]:
    """Whether a fork that did `work` was killed, after `seconds` at most, and how long it lived."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    if seconds is None:
        status = os.waitpid(child, 0)[1]
        assert status == 0, f"the round failed: {status}"
        return False, time.monotonic() - began
    while time.monotonic() - began < seconds:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False, time.monotonic() - began
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True, time.monotonic() - began


def morning(home: Path, model: Path) -> None:
    """A champion that learned two documents, one of which is gone today while another has come."""
    write(home, valves=3, pumps=5)
    with Registry(home / "registry", create=True) as book:
        one = bench(home, recipe(home, model), book)
        with one.project.locked():
            first = finish(hold(one, Reason(kind="asked", words="a test")))
        assert first.candidate is not None, first.headline
        book.archive(first.candidate, undo=True)
        book.promote(first.candidate, instead_of=None, reason="a test")
    write(home, valves=None, tanks=7)


def day(home: Path, model: Path) -> None:
    """Look once, as `loresmith watch --once` does."""
    with Registry(home / "registry") as book, book.round("watch"):
        clock = Clock()
        finish(look(bench(home, recipe(home, model), book, clock)))


def wrong(home: Path) -> str:
    """What is wrong with who answers; empty where nothing is."""
    with Registry(home / "registry") as book:
        number = book.alias(CHAMPION)
        if number is None:
            return "nobody is champion"
        if faults := finish(book.verify()):
            return f"{faults[0].path}: {faults[0].problem}"
        for part in ("index", "adapter"):
            artifact.read(book.folder(number) / part, made_by=part)
    return ""


def decided(home: Path) -> dict[str, Any]:
    """What the last round came to, and what the registry's log says of it."""
    last = Places(home / "project").rounds()[-1]
    with Registry(home / "registry") as book:
        log = [(event.action, event.version) for event in book.events()]
        aliases = [book.alias(name) for name in ("champion", "previous", "candidate")]
    numbers = [each and each.model_dump() for each in (last.before, last.after, last.difference)]
    return {"outcome": last.outcome, "headline": last.headline, "numbers": numbers, "log": log, "aliases": aliases}


def main(home: Path, kills: int, seed: int) -> dict[str, Any]:
    """Hold the round undisturbed, then killed; what differed."""
    model, origin, rng = home / "model", home / "origin", random.Random(seed)
    origin.mkdir()
    forked(lambda: morning(origin, model))

    def fresh() -> Path:
        place = home / "today"  # always the same place, since paths stand in recipes
        shelf.remove(place)  # the versions in it are read-only
        shutil.copytree(origin, place)
        return place

    _, seconds = forked(lambda: day(fresh(), model))
    expected = decided(home / "today")
    trials = []
    for _ in range(kills):
        place = fresh()
        after = rng.uniform(0.02, 0.98) * seconds
        was_killed, _ = forked(lambda place=place: day(place, model), after)  # type: ignore[misc]
        left = Places(place / "project").started()
        problem = wrong(place)
        forked(lambda place=place: day(place, model))  # type: ignore[misc]
        again = wrong(place)
        is_same = decided(place) == expected
        trials.append(
            {
                "after": round(after / seconds, 2),
                "killed": was_killed,
                "steps": list(left.steps) if left else None,
                "wrong": problem or again,
                "same": is_same,
            }
        )
    return {"seconds": round(seconds, 1), "outcome": expected["outcome"], "trials": trials}


def load() -> None:
    """Import what a round needs, once for all forks, and start no thread."""
    import torch

    torch.set_num_threads(1)
    import faiss  # noqa: F401
    import peft  # noqa: F401
    from transformers.models.qwen2 import modeling_qwen2  # noqa: F401

    from loresmith.evaluate import examination, quality, specialists, tally  # noqa: F401
    from loresmith.generate import rules  # noqa: F401
    from loresmith.train import peft_trainer  # noqa: F401


if __name__ == "__main__":
    load()
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))) + "\n")
