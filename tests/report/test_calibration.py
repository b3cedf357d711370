"""The section on calibration: each arm in a diagram and in words."""

import pytest

from loresmith.report import calibration
from loresmith.report.content import Picture, Prose, Section, Table
from loresmith.report.material import Material


def section_of(material: Material) -> Section:
    section = calibration.calibration(material)
    assert section is not None
    return section


def table_of(section: Section) -> Table:
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    return table


def test_every_arm_has_its_diagram_with_n_and_every_exam_its_row(wide: Material) -> None:
    section = section_of(wide)
    (picture,) = (block for block in section.blocks if isinstance(block, Picture))
    assert len(picture.panels) == 8
    assert all("n = " in panel and "95% interval" in panel for panel in picture.panels)
    rows = table_of(section).rows
    assert [row[:3] for row in rows[:2]] == [("recall", "base", "40"), ("recall", "lora", "40")]
    assert len(rows) == 16


def test_a_base_that_is_sure_and_wrong_is_said_to_be_too_sure(material: Material) -> None:
    rows = {(row[0], row[1]): row for row in table_of(section_of(material)).rows}
    assert rows["recall", "base"][8] == "too sure"
    assert rows["recall", "lora+rag"][8] == "too modest"


def test_the_same_exam_gives_the_same_interval_whichever_arms_sat_beside_it(material: Material, wide: Material) -> None:
    few, many = table_of(section_of(material)).rows, table_of(section_of(wide)).rows
    assert set(few) <= set(many)


def test_letters_are_weighed_as_they_are_and_words_per_character(material: Material) -> None:
    assert material.exam is not None
    by_letter = Material(material.settings, material.parents)
    by_letter.__dict__["exam"] = material.exam.model_copy(update={"choice_scoring": "letter"})
    of_words, of_letters = table_of(section_of(material)).rows[1], table_of(section_of(by_letter)).rows[1]
    assert of_words[:4] == of_letters[:4]
    assert float(of_letters[4].rstrip("%")) == pytest.approx(50, abs=3)  # as the fixture draws it
    assert abs(float(of_words[4].rstrip("%")) - 50) > 3  # the hostile option is long


def test_an_exam_without_likelihoods_says_so(material: Material) -> None:
    old = Material(material.settings, material.parents)
    old.__dict__["all_grades"] = [grade.model_copy(update={"likelihoods": ()}) for grade in material.grades]
    section = section_of(old)
    (said,) = section.blocks
    assert isinstance(said, Prose)
    assert "Of base, lora, rag, lora+rag no likelihoods are recorded" in said.text


@pytest.mark.parametrize("kept", ["short"])
def test_without_choices_there_is_no_section(material: Material, kept: str) -> None:
    other = Material(material.settings, material.parents)
    other.__dict__["all_grades"] = [grade for grade in material.grades if grade.form == kept]
    assert calibration.calibration(other) is None
