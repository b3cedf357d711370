"""Kill an examination at random moments, go on each time, and count what the model was asked twice.

    python benchmarks/exam_kills.py PROJECT --kills 20 --seed 1

PROJECT is a finished project (`loresmith demo` makes one); its exam is held anew elsewhere, once undisturbed and once
with kills. Half of the SIGKILLs fall at a random moment, half right before a random change to the file system. Exits 1
if the files differ, or if anything was asked twice but the one call of the model in flight at a kill.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from loresmith import artifact
from loresmith.pipeline import open_project, stage
from tests.killing import Attempt, Nursery, files, repeated

os.environ.setdefault("HF_HUB_OFFLINE", "1")


def job_of(folder: Path, limit: int | None) -> dict[str, Any]:
    """The exam of the project in `folder`, of at most `limit` questions a sheet."""
    project = open_project(folder)
    held = stage("evaluate")
    settings = held.settings(project).model_dump(mode="json")
    if limit is not None:
        settings["evaluate"]["limit"] = limit
    parents = {name: str(project.path / stage(name).folder) for name in held.parents}
    for name, path in parents.items():
        artifact.read(Path(path), made_by=name)
    return {"stage": "evaluate", "settings": settings, "parents": parents}


def main() -> int:
    """Run the whole comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, help="Most questions of a sheet.")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    job = job_of(given.project, given.limit)
    with tempfile.TemporaryDirectory(prefix="loresmith-exam-") as place:
        folder = Path(place)
        nursery = Nursery(folder)
        began = time.monotonic()
        calm = nursery.attempt({**job, "target": str(folder / "calm")})
        seconds = time.monotonic() - began
        print(f"undisturbed: {seconds:.1f} s, {len(calm.calls)} calls, {calm.changes} changes", flush=True)
        attempts: list[Attempt] = []
        for number in range(given.kills):
            by_time = number % 2 == 0
            chance: dict[str, Any] = (
                {"seconds": rng.uniform(0.5, 2 + 1.2 * seconds / given.kills)}
                if by_time
                else {"change": rng.randint(1, max(2, 2 * calm.changes // given.kills))}
            )
            attempts.append(nursery.attempt({**job, "target": str(folder / "killed")}, **chance))
            fate = "killed" if attempts[-1].was_killed else "had ended"
            print(f"{number + 1}: {chance}, {fate}, {len(attempts[-1].calls)} calls", flush=True)
        attempts.append(nursery.attempt({**job, "target": str(folder / "killed")}))
        nursery.close()
        again = repeated(calm.calls, attempts)
        is_same = files(folder / "calm") == files(folder / "killed")
        kills = Counter(attempt.was_killed for attempt in attempts)[True]
        print(f"{kills} kills; {again} calls of {len(calm.calls)} asked again; files {'same' if is_same else 'DIFFER'}")
        return int(not is_same or again > kills)


if __name__ == "__main__":
    sys.exit(main())
