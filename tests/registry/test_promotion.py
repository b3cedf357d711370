import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.errors import UserError
from loresmith.progress import finish
from loresmith.recipe import EvaluateConfig, IndexConfig
from loresmith.registry import Registry
from loresmith.registry.promotion import Judgement, promote
from tests.compare.conftest import written_benchmark, written_exam
from tests.registry.shelf_of_experts import small_project

NOTHING, HALF, MOST = [False] * 100, [True, False] * 50, [True, True, True, False] * 25
Examined = Callable[..., int]


@pytest.fixture
def examined(book: Registry, tmp_path: Path) -> Examined:
    """`examined(marks)`: a version whose adapter did so on the exam, and whose base model knew nothing."""

    def made(marks: Sequence[bool], *, recipe: str = "name: plant\n", parity: bool | None = None) -> int:
        project = small_project(tmp_path / "project")
        (project.path / "recipe.yaml").write_text(recipe, encoding="utf-8")
        written_exam(project.path, {"base": NOTHING, "lora+rag": marks})
        if parity is not None:
            with artifact.create(project.path / "export", Plan("export", EvaluateConfig())) as draft:
                (draft.path / "model.gguf").write_bytes(b"GGUF")
            with artifact.create(project.path / "parity", Plan("parity", EvaluateConfig())) as draft:
                draft.notes["passed"] = parity
        return finish(book.add(project)).number

    return made


def asked(book: Registry, number: int, **more: str) -> Judgement:
    judged = finish(promote(book, number, **more))
    assert judged is not None
    return judged


def test_the_first_champion_has_to_beat_the_base_model(book: Registry, examined: Examined) -> None:
    none = asked(book, examined(NOTHING))
    assert (none.decision, book.alias("champion")) == ("keep", None)
    better = asked(book, examined(HALF))
    assert (better.decision, better.against, book.alias("champion")) == ("promote", None, 2)
    assert better.headline.startswith("Promote: better by +50.0 [")


def test_a_better_version_replaces_the_champion_and_a_worse_one_is_written_down(
    book: Registry, examined: Examined
) -> None:
    asked(book, examined(HALF))
    better = asked(book, examined(MOST), reason="more documents")
    assert (better.decision, better.against) == ("promote", 1)
    worse = asked(book, examined(HALF))
    assert (worse.decision, worse.against) == ("keep", 2)
    assert [book.alias(name) for name in ("champion", "previous", "candidate")] == [2, 1, None]
    promoted, _, refused = book.events()[-3:]
    assert promoted.reason.startswith("more documents: Promote: better by")
    assert refused.action == "refuse"
    assert refused.reason.startswith("Do not ship: the exams fell")
    assert refused.evidence is not None
    assert refused.evidence["gate"]["rules"][0]["difference"]["n"] == 200
    assert refused.evidence["rules"]["min_improvement"] == 0.05


def test_a_version_of_which_nothing_can_be_told_stays_the_candidate(book: Registry, examined: Examined) -> None:
    asked(book, examined(HALF))
    nearly = asked(book, examined([*HALF[:-6], True, True, True, True, True, False]))
    assert nearly.decision == "cannot tell"
    assert (book.alias("champion"), book.alias("candidate")) == (1, 2)


def test_the_rules_are_those_of_the_version_s_own_recipe(book: Registry, examined: Examined) -> None:
    strict = asked(book, examined(HALF, recipe="name: plant\ngate: {min_improvement: 0.9}\n"))
    assert strict.decision == "keep"
    assert strict.rules.min_improvement == 0.9


def test_force_promotes_with_its_reason_in_the_log_and_wants_one(book: Registry, examined: Examined) -> None:
    number = examined(NOTHING)
    with pytest.raises(UserError, match="--force needs a reason"):
        finish(promote(book, number, force="  "))
    assert finish(promote(book, number, force="the old one is illegal")) is None
    assert book.alias("champion") == number
    assert book.events()[-1].reason == "without the gate: the old one is illegal"


@pytest.mark.parametrize(
    ("parity", "words"),
    [(False, "the file of version 1 is not the model that was examined"), (None, "never examined")],
)
def test_what_cannot_be_vouched_for_is_kept_out(
    book: Registry, examined: Examined, tmp_path: Path, parity: bool | None, words: str
) -> None:
    if parity is None:
        finish(book.add(small_project(tmp_path / "bare")))
    else:
        examined(MOST, parity=parity)
    kept = asked(book, 1)
    assert (kept.decision, kept.gate) == ("keep", None)
    assert words in kept.headline
    assert book.alias("champion") is None


def test_an_exam_of_other_artifacts_does_not_count(book: Registry, tmp_path: Path, examined: Examined) -> None:
    asked(book, examined(HALF))
    project = small_project(tmp_path / "apart")
    written_exam(project.path, {"base": NOTHING, "lora+rag": MOST})
    with artifact.create(project.path / "split", Plan("split", IndexConfig())) as draft:
        (draft.path / "train.jsonl").write_text("another", encoding="utf-8")
    judged = asked(book, finish(book.add(project)).number)
    assert judged.headline == "Do not promote: the exam of version 2 is of another split."


def test_a_damaged_version_is_never_promoted(book: Registry, examined: Examined) -> None:
    number = examined(MOST)
    path = book.folder(number) / "index" / "facts.json"
    path.chmod(0o644)
    path.write_text("eno", encoding="utf-8")
    for force in ({}, {"force": "now"}):
        with pytest.raises(UserError, match="Version 1 cannot serve"):
            finish(promote(book, number, **force))
    assert book.alias("champion") is None


def test_a_benchmark_that_fell_keeps_a_better_version_out(book: Registry, examined: Examined, tmp_path: Path) -> None:
    written_benchmark(tmp_path / "project", "arc", {"base": MOST, "lora": MOST})
    asked(book, examined(HALF))
    written_benchmark(tmp_path / "project", "arc", {"base": MOST, "lora": HALF})
    fallen = asked(book, examined(MOST))
    assert fallen.decision == "keep"
    assert "arc fell by 25.0 [" in fallen.headline
    written_benchmark(tmp_path / "project", "arc", {"base": MOST, "lora": MOST})
    assert asked(book, examined(MOST)).decision == "promote"


def test_a_benchmark_that_the_champion_sat_cannot_be_left_out(
    book: Registry, examined: Examined, tmp_path: Path
) -> None:
    written_benchmark(tmp_path / "project", "arc", {"base": MOST, "lora": MOST})
    asked(book, examined(HALF))
    shutil.rmtree(tmp_path / "project" / "benchmarks")
    number = examined(MOST)
    with pytest.raises(UserError, match="Version 2 was not asked arc"):
        finish(promote(book, number))


def test_a_benchmark_that_the_recipe_asked_counts_like_one_asked_by_hand(
    book: Registry, examined: Examined, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    written_benchmark(project, "arc", {"base": MOST, "lora": MOST})
    asked(book, examined(HALF))
    with artifact.create(project / "exam-benchmarks", Plan("benchmark", EvaluateConfig())) as draft:
        written_benchmark(project, "arc", {"base": MOST, "lora": HALF}).rename(draft.path / "arc")
    assert "arc fell by 25.0 [" in asked(book, examined(MOST)).headline
