from typing import Any

from loresmith.report import known
from loresmith.report.content import Section, Table
from loresmith.report.material import Material


def section_with(material: Material, **changes: Any) -> Section | None:
    assert material.exam is not None
    other = Material(material.settings, material.parents)
    other.__dict__["exam"] = material.exam.model_copy(update=changes)
    return known.known_already(other)


def test_the_lead_counts_what_was_known_and_the_table_adds_up(material: Material) -> None:
    section = section_with(material)
    assert section is not None and material.exam is not None
    recall = next(found for found in material.exam.known if found.exam == "recall")
    assert f"Recall: {len(recall.facts)} of 40 facts known before training; of the other" in section.lead
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert len(table.rows) == 2 * 3  # two exams, three arms beside the base
    assert all(int(row[2]) + int(row[5]) == 40 for row in table.rows)


def test_a_share_of_no_facts_is_a_dash(material: Material) -> None:
    assert material.exam is not None
    nothing = [way.model_copy(update={"kept": None}) for way in material.exam.known[0].arms]
    section = section_with(material, known=(material.exam.known[0].model_copy(update={"arms": tuple(nothing)}),))
    assert section is not None
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert {row[6] for row in table.rows} == {"–"}


def test_an_examination_of_an_earlier_version_has_no_such_section(material: Material) -> None:
    assert section_with(material, known=()) is None
