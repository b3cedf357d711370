"""Kill processes that work on a registry, and look at what they left: `python shaken.py FOLDER [KILLS] [SEED]`.

Light and with one thread, so that it can fork. Two ways of dying: at a random moment, and right before a given step,
where a step is a statement of SQL or anything that Python does with files. Prints one JSON object.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from loresmith.progress import finish
from loresmith.registry import Registry, ledger
from tests.registry.shelf_of_experts import small_project

STEPS = ("os.", "shutil.", "open", "sqlite3.")
STEPS_IN_A_ROUND = 215
"""Of one that also rolls back, as counted; a step behind the last is no kill."""


def work(folder: Path, number: int) -> None:
    """One round of all that changes a registry."""
    project = small_project(folder / f"project-{number}", f"text {number}")
    with Registry(folder / "registry", create=True) as book:
        added = finish(book.add(project)).number
        book.promote(added, instead_of=book.alias("champion"), reason="a round")
        book.tag(added, f"round-{number}")
        book.tag(added, f"round-{number}", remove=True)
        if number % 2:
            left, _ = finish(book.rollback(reason="a round"))
            book.archive(left)
        book.prune(2)


def found(folder: Path) -> str:
    """What is wrong with the registry; empty where nothing is."""
    with Registry(folder / "registry") as book:
        if faults := finish(book.verify()):
            return f"{faults[0].path}: {faults[0].problem}"
        champion, previous = book.alias("champion"), book.alias("previous")
        if champion is None or not (book.folder(champion) / "index" / "facts.json").read_text().startswith("text "):
            return f"the champion {champion} does not serve"
        if previous is not None and book.entry(previous).state != "kept":
            return f"previous is {previous}, which is {book.entry(previous).state}"
        kept = {str(entry.number) for entry in book.entries() if entry.state != "pruned"}
        if there := {path.name for path in (book.path / "versions").iterdir()} ^ kept:
            return f"folders and rows differ by {sorted(there)}"
        numbers = [entry.number for entry in book.entries()]
        return "" if numbers == list(range(1, len(numbers) + 1)) else f"numbers are {numbers}"


def die_before(step: int) -> None:
    """Let this process be killed before the step of that number."""
    count = 0

    def one_step(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(*given: Any, **named: Any) -> Any:
        connection = plain(*given, **named)
        connection.set_trace_callback(one_step)
        return connection

    plain, ledger.connect = ledger.connect, traced
    sys.addaudithook(lambda event, _: one_step() if event.startswith(STEPS) else None)


def killed(folder: Path, number: int, *, step: int | None = None, seconds: float = 0.0) -> bool:
    """Whether a process that did round `number` was killed, and not done before."""
    child = os.fork()
    if child == 0:
        if step is not None:
            die_before(step)
        for again in range(1 if step is not None else 1000):
            work(folder, 1000 * number + again + 1)
        os._exit(0)
    if step is None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill at random moments and before steps; what was left each time."""
    rng = random.Random(seed)
    work(folder, 0)
    wrong, halves, told = [], 0, {"random": 0, "steps": 0}
    every = range(1, STEPS_IN_A_ROUND + 1)
    steps = [*[None] * kills, *(every if kills >= len(every) else sorted(rng.sample(every, kills)))]
    for number, step in enumerate(steps, 1):
        was_killed = killed(folder, number, step=step, seconds=rng.uniform(0.01, 0.15))
        told["random" if step is None else "steps"] += was_killed
        halves += any(path.name.startswith(".") for path in (folder / "registry" / "versions").iterdir())
        if problem := found(folder):
            wrong.append(f"kill {number} ({step or 'at random'}): {problem}")
    return {"killed": told, "left_half_done": halves, "wrong": wrong}


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[2:]]
    kills, seed = (given + [20, 1][len(given) :])[:2]
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), kills, seed)) + "\n")
