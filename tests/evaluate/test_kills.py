"""Killed at any point, an examination ends with the bytes of an undisturbed one and has asked nothing twice.

Real processes die by SIGKILL: at drawn moments while they ask, then before each single change to the file system from
the first results to the finished folder. `benchmarks/exam_kills.py` is the long version.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.artifact import Artifact, Plan
from loresmith.recipe.benchmark import BenchmarkConfig
from tests.benchmark import papers
from tests.evaluate.further import Over
from tests.killing import Attempt, Nursery, files, repeated

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork and no SIGKILL")


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    opened = Nursery(tmp_path_factory.mktemp("nursery"))
    yield opened
    opened.close()


def job_of(plan: Plan, **changed: object) -> dict[str, Any]:
    settings = plan.settings.model_dump(mode="json")
    settings["evaluate"] |= changed
    return {
        "stage": plan.stage,
        "settings": settings,
        "parents": {name: str(parent.path) for name, parent in plan.parents.items()},
    }


def killed(nursery: Nursery, job: dict[str, Any], drawn: int) -> list[Attempt]:
    """Attempts at `job`: `drawn` that die somewhere, then one for each change that is left."""
    rng = random.Random(17)
    attempts = [nursery.attempt(job, change=rng.randint(4, 14)) for _ in range(drawn)]
    place = 0
    while not attempts or attempts[-1].was_killed:
        place += 1
        attempts.append(nursery.attempt(job, change=place))
    return attempts


def test_an_examination_killed_at_every_turn_asks_nothing_twice(nursery: Nursery, plan: Plan, tmp_path: Path) -> None:
    job = job_of(plan, limit=3, arms=["base", "lora+rag"])
    calm = nursery.attempt({**job, "target": str(tmp_path / "calm")})
    attempts = killed(nursery, {**job, "target": str(tmp_path / "killed")}, 3)
    assert len(calm.calls) == 10  # two arms with two forms of two exams, and the held-out text of both
    assert repeated(calm.calls, attempts) < len(attempts)
    assert files(tmp_path / "killed") == files(tmp_path / "calm")


def test_the_files_exam_killed_at_every_turn_asks_nothing_twice(nursery: Nursery, over: Over, tmp_path: Path) -> None:
    job = job_of(over.plan("gguf", "gguf"))
    calm = nursery.attempt({**job, "target": str(tmp_path / "calm")})
    attempts = killed(nursery, {**job, "target": str(tmp_path / "killed")}, 1)
    assert len(calm.calls) == 4
    assert repeated(calm.calls, attempts) < len(attempts)
    assert files(tmp_path / "killed") == files(tmp_path / "calm")


def test_benchmarks_killed_at_every_turn_ask_nothing_twice(
    nursery: Nursery, parents: dict[str, Artifact], tiny_model: Path, tmp_path: Path
) -> None:
    data = str(papers.arc(tmp_path / "arc"))
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(data,), bootstrap_samples=1000)
    job = {
        "stage": "benchmark", "settings": config.model_dump(mode="json"), "model": str(tiny_model),
        "parents": {"train": str(parents["train"].path)},
    }  # fmt: skip
    calm = nursery.attempt({**job, "target": str(tmp_path / "calm")})
    attempts = killed(nursery, {**job, "target": str(tmp_path / "killed")}, 1)
    assert len(calm.calls) == 2
    assert repeated(calm.calls, attempts) < len(attempts)
    assert files(tmp_path / "killed") == files(tmp_path / "calm")
