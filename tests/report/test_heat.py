"""The maps of strong and weak spots."""

from dataclasses import replace

import pytest

from loresmith.recipe import AdapterConfig
from loresmith.report import heat
from loresmith.report.compose import compose
from loresmith.report.content import Heat, Prose
from loresmith.report.markdown import written
from loresmith.report.material import Material


def maps(material: Material) -> dict[str, Heat]:
    section = heat.weak_spots(material)
    assert section is not None
    return {block.caption: block for block in section.blocks if isinstance(block, Heat)}


def test_documents_stand_weakest_first_and_small_cells_are_marked(material: Material) -> None:
    found = maps(material)
    rows = found["Recall, by document"].rows
    shares = [cells[3].share for _, cells in rows if cells[3]]
    assert shares == sorted(shares)
    assert all(cell.is_small for _, cells in rows for cell in cells if cell)
    kinds = found["Recall, by kind of question"].rows
    assert {name for name, _ in kinds} == {"definition", "number"}
    assert not any(cell.is_small for _, cells in kinds for cell in cells if cell)


def test_a_cell_counts_what_its_arm_answered_with_its_interval(material: Material) -> None:
    cells = dict(maps(material)["Recall, by kind of question"].rows)["number"]
    marks = [
        grade.correct
        for grade in material.grades
        if (grade.exam, grade.arm) == ("recall", "lora") and material.questions[grade.question].kind == "number"
    ]
    cell = cells[1]
    assert cell is not None
    assert (cell.n, cell.share) == (len(marks), pytest.approx(sum(marks) / len(marks)))
    assert 0 < cell.low < cell.share < cell.high < 1


def test_sections_are_the_headings_below_the_title_and_only_the_weakest_are_shown(material: Material) -> None:
    found = maps(material)["Recall, by section: the 20 weakest of 30"]
    assert found.folded
    assert len(found.rows) == 20
    assert {name.split(" › ")[1] for name, _ in found.rows} == {"Materials", "2 Ratings", "4 Ratings"}


def test_a_subject_is_the_adapters_domain_or_else_the_folder(material: Material) -> None:
    assert material.subject("papers/paper-00.pdf") == "papers"
    assert material.subject("paper.pdf") == ""
    assert not any("subject" in caption for caption in maps(material))  # one folder divides nothing
    adapters = tuple(
        AdapterConfig(name=name, documents=(pattern,))
        for name, pattern in (("early", "papers/paper-0[0-4].pdf"), ("late", "papers/*"))
    )
    recipe = material.recipe.model_copy(
        update={"train": material.recipe.train.model_copy(update={"adapters": adapters})}
    )
    other = replace(material, settings=material.settings.model_copy(update={"recipe": recipe}))
    assert {name for name, _ in maps(other)["Recall, by subject"].rows} == {"early", "late"}


def test_arms_that_sat_afterwards_have_their_columns(wide: Material) -> None:
    found = maps(wide)["Transfer, by kind of question"]
    assert found.columns == ("base", "lora", "rag", "lora+rag", "gguf", "gguf+rag", "endpoint", "endpoint+rag")
    assert all(cell is not None for _, cells in found.rows for cell in cells)


def test_how_many_cells_are_small_is_said_and_markdown_has_the_intervals(material: Material) -> None:
    section = heat.weak_spots(material)
    assert section is not None
    (note,) = (block.text for block in section.blocks if isinstance(block, Prose))
    assert "240 of 256 cells rest on fewer than 20 questions" in note
    text = written(compose(material)).replace("\\", "")
    cell = dict(maps(material)["Recall, by kind of question"].rows)["number"][1]
    assert cell is not None
    assert f"{100 * cell.share:.1f}% [{100 * cell.low:.0f}, {100 * cell.high:.0f}] (50)" in text
