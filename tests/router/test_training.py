import json
import shutil
from pathlib import Path

import pytest

from loresmith.errors import ArtifactMissing
from loresmith.progress import finish
from loresmith.recipe.experts import load_roster
from loresmith.router import training
from loresmith.router.decision import FACTS, WEIGHTS, open_router
from loresmith.router.examining import examined
from tests.router.roster import KEYWORDS, write_roster


def taught(path: Path) -> training.Teaching:
    return training.teaching(load_roster(path), path.parent)


def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_bytes(town: Path, tmp_path: Path) -> None:
    path = write_roster(tmp_path)
    work = training.run(taught(path))
    assert next(work).done == training.SLICE
    work.close()
    assert not (tmp_path / "router").exists()
    steps: list[int] = []
    finish(training.run(taught(path)), lambda step: steps.append(step.done))
    assert steps[0] > training.SLICE  # the first slice was not embedded again
    for name in (WEIGHTS, FACTS):
        assert (tmp_path / "router" / name).read_bytes() == (town.parent / "router" / name).read_bytes()
    assert not list((tmp_path / "router").glob("vectors.partial*"))


def test_a_router_that_is_fresh_is_left_alone(town: Path) -> None:
    steps: list[int] = []
    finish(training.run(taught(town)), lambda step: steps.append(step.done))
    assert steps == []


def test_other_settings_make_it_stale_and_other_keywords_do_not(town: Path) -> None:
    text = town.read_text(encoding="utf-8")
    for before, after, kind in (("yeast", "flour", "fresh"), ("0.5", "0.4", "stale")):
        other = town.with_name("other.yaml")
        other.write_text(text.replace(before, after), encoding="utf-8")
        assert taught(other).state().kind == kind
        other.unlink()


def test_an_expert_whose_questions_were_not_split_is_named_with_the_verb(tmp_path: Path) -> None:
    path = write_roster(tmp_path)
    shutil.rmtree(tmp_path / "harbour" / "split")
    with pytest.raises(ArtifactMissing, match=r"harbour(.|\n)*loresmith split"):
        taught(path)


def test_the_exam_of_unseen_documents_is_told_by_expert_with_intervals(town: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.txt"
    foreign.write_text("Who won the election in Bolivia?\n\nWhat is the tax on dividends?\n", encoding="utf-8")
    own, strangers = examined(open_router(town.parent / "router", KEYWORDS), taught(town), foreign)
    assert (own.whole.questions, own.experts["kitchen"].questions) == (16, 8)
    assert own.whole.accuracy is not None
    assert own.whole.accuracy.value > 0.8
    assert sum(own.confusion["harbour"].values()) == 8
    assert strangers is not None
    assert (strangers.whole.questions, strangers.whole.accuracy) == (2, None)
    assert json.loads(own.model_dump_json())["whole"]["questions"] == 16
