"""The chapters on failures and on what people said, from the made-up project and a real contest."""

from dataclasses import replace
from pathlib import Path

import pytest

from loresmith.blind.contest import PAIRS, VOTES, drawn, folder_of, save, sitter
from loresmith.blind.session import Session
from loresmith.pipeline.stages import _judged
from loresmith.report.blind import blind
from loresmith.report.content import Examples, Section, Table
from loresmith.report.failures import failures
from loresmith.report.material import Material
from tests.blind.ballot import examined


@pytest.fixture(scope="module")
def chapter(request: pytest.FixtureRequest) -> Section:
    found = failures(Material(request.getfixturevalue("settings"), request.getfixturevalue("parents")))
    assert found is not None
    return found


def table(chapter: Section, caption: str) -> Table:
    return next(block for block in chapter.blocks if isinstance(block, Table) and block.caption.startswith(caption))


def test_every_wrong_answer_of_the_verdicts_arm_has_a_reason(chapter: Section, material: Material) -> None:
    wrong = [grade for grade in material.grades if grade.arm == "lora+rag" and not grade.correct]
    reasons = table(chapter, "Why answers of lora+rag are wrong")
    assert sum(int(row[2]) for row in reasons.rows) == len(wrong)
    assert chapter.lead.startswith(f"{len(wrong)} of 160 answers of lora+rag are wrong.")


def test_groups_that_chance_explains_are_not_called_weak(chapter: Section) -> None:
    verdicts = {row[-1].partition(",")[0] for row in table(chapter, "Groups").rows}
    assert verdicts == {"cannot tell"}  # the made-up answers are drawn alike for every document and kind


def test_a_cluster_shows_its_most_typical_question_with_its_source(chapter: Section) -> None:
    shown = next(block for block in chapter.blocks if isinstance(block, Examples))
    assert len(shown.items) == len(table(chapter, "Wrong answers to").rows) > 0
    assert all(item.quote and not item.said[0].correct and item.said[0].unparsed for item in shown.items)


def test_without_an_examination_there_is_no_chapter(material: Material) -> None:
    assert failures(replace(material, parents={})) is None
    assert blind(material) is None


def test_people_are_heard_when_all_is_judged_and_not_before(material: Material, tmp_path: Path) -> None:
    project = examined(tmp_path / "project", {"base": ["6 rpm"] * 12, "lora": ["6 bar"] * 12})
    folder = folder_of(project.path, "c")
    save(folder, drawn("c", sitter(project.path, "base", "base"), sitter(project.path, "lora", "lora"), 3, 12))
    assert _judged(project) == {}
    session = Session(folder)
    for number in range(12):
        shown = session.next_for("anna")
        assert shown is not None
        session.vote(shown.pair.key, "anna", "left" if shown.left == "6 bar" else "right")
        files = _judged(project)
        assert files == {f"blind/c/{name}": folder / name for name in (PAIRS, VOTES)}
        if number == 5:
            early = blind(replace(material, judged=files))
            assert early is not None
            assert "figures wait" in early.model_dump_json() and "100.0%" not in early.model_dump_json()
    told = blind(replace(material, judged=_judged(project)))
    assert told is not None
    assert table(told, "Win rates").rows[0][:4] == ("lora against base", "12", "1", "100.0%")
    assert "lora is preferred to base." in told.model_dump_json()
