"""Kill a run at random moments, restart it each time, and compare every artifact with an undisturbed run.

    python benchmarks/kill_and_resume.py --documents examples/field-guide/documents --kills 10 --seed 1

Prints one line per kill and the content hashes side by side; exits 1 if any differs, or if a run that has nothing left
to do takes five seconds or more.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RECIPE = "name: kill-test\ndocuments: [{documents}]\n"


def start(recipe: Path, project: Path) -> "subprocess.Popen[str]":
    """A run in a session of its own, so that a kill takes its child processes too."""
    command = [
        sys.executable,
        "-m",
        "loresmith.cli",
        "run",
        str(recipe),
        "--rehearse",
        "--project",
        str(project),
        "--json",
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def finish(recipe: Path, project: Path) -> tuple[dict[str, str], float]:
    """Content hash per stage, and the seconds that the run took."""
    began = time.monotonic()
    process = start(recipe, project)
    out, err = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"the run failed ({process.returncode}):\n{err}")
    result: dict[str, Any] = json.loads(out)
    return {row["stage"]: row["content"] for row in result["stages"]}, time.monotonic() - began


def kill_after(seconds: float, recipe: Path, project: Path) -> bool:
    """Start a run and SIGKILL it; false when it had ended by itself."""
    process = start(recipe, project)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    return False


def main() -> int:
    """Run the whole comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="Keep the two projects here instead of a temporary folder.")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    work = given.work or Path(tempfile.mkdtemp(prefix="loresmith-kill-"))
    work.mkdir(parents=True, exist_ok=True)
    recipe = work / "recipe.yaml"
    recipe.write_text(RECIPE.format(documents=given.documents.resolve()), encoding="utf-8")

    calm, seconds = finish(recipe, work / "calm")
    print(f"undisturbed: {seconds:.1f} s", flush=True)
    shaken = work / "shaken"
    # Each attempt gets less than its share of the whole time, so that all kills come before the end, on every stage.
    for number in range(1, given.kills + 1):
        moment = rng.uniform(0.3, 1.6 * seconds / given.kills)
        was_killed = kill_after(moment, recipe, shaken)
        there = (
            sorted(path.name for path in shaken.iterdir() if (path / "manifest.json").is_file())
            if shaken.exists()
            else []
        )
        print(
            f"kill {number}: after {moment:.1f} s, {'killed' if was_killed else 'had ended'}; whole: {', '.join(there)}"
        )
    after, seconds = finish(recipe, shaken)
    print(f"last run: {seconds:.1f} s")
    again, idle_seconds = finish(recipe, shaken)
    print(f"once more, nothing to do: {idle_seconds:.2f} s\n")
    for stage, content in calm.items():
        print(f"{stage:<9} {content[:16]} {after[stage][:16]} {'same' if content == after[stage] else 'DIFFERENT'}")
    if given.work is None:
        shutil.rmtree(work)
    return int(not (calm == after == again and idle_seconds < 5))


if __name__ == "__main__":
    sys.exit(main())
