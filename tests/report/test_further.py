"""Arms that sat afterwards stand beside the others, and the file's own figures are named."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from loresmith.artifact import Artifact, Draft
from loresmith.errors import ArtifactCorrupt
from loresmith.report.compose import compose
from loresmith.report.markdown import written
from loresmith.report.material import Material

Remake = Callable[[str, Callable[[Draft], None]], Artifact]
Further = Callable[..., Callable[[Draft], None]]
CAUTION = "The choices of endpoint were made by letter."


@pytest.fixture
def with_both(material: Material, remake: Remake, further: Further) -> Material:
    file = remake("gguf", further(material, {"gguf": "lora", "gguf+rag": "lora+rag"}))
    server = remake("endpoint", further(material, {"endpoint": "rag"}, CAUTION))
    return replace(material, parents={**material.parents, "gguf": file, "endpoint": server})


def test_all_arms_stand_in_one_picture_and_the_verdict_stays(material: Material, with_both: Material) -> None:
    assert with_both.exam is not None
    assert with_both.exam.arms() == ("base", "lora", "rag", "lora+rag", "gguf", "gguf+rag", "endpoint")
    before, after = compose(material), compose(with_both)
    assert after.headline == before.headline
    assert after.highlights == before.highlights
    assert after.cautions == (*before.cautions, CAUTION)
    arms = next(section for section in after.sections if section.id == "arms")
    assert arms.title == "The arms"
    assert "and afterwards of the exported file and of the exported file with sources" in arms.lead
    assert 'class="row gguf-rag"' in arms.blocks[0].panels[0]  # type: ignore[union-attr]


def test_the_file_that_ships_says_what_it_answered_itself(with_both: Material) -> None:
    text = written(compose(with_both)).replace("\\", "")  # Markdown escapes brackets and signs
    cell = with_both.exam.cell("recall", "gguf") if with_both.exam else None
    assert cell is not None
    shown = f"{100 * cell.accuracy.value:.1f}%"
    assert f"Recall, the exported file: {shown} [" in text
    assert f"where the model in memory had {shown} [" in text
    assert re.search(r"\+0\.0 points \[\S\d\.\d, \+\d\.\d\], n = 80\.", text)


def test_without_further_arms_nothing_is_said_of_them(material: Material) -> None:
    text = written(compose(material))
    assert "The four arms" in text
    assert "where the model in memory had" not in text


def test_damaged_results_are_named(material: Material, remake: Remake) -> None:
    broken = remake("gguf", lambda draft: None)
    with pytest.raises(ArtifactCorrupt, match=r"results\.json"):
        _ = replace(material, parents={**material.parents, "gguf": broken}).exam


def test_no_highlight_is_of_an_arm_that_sat_afterwards_however_good(with_both: Material) -> None:
    exam = with_both.exam
    assert exam is not None
    perfect = exam.cells[0].accuracy.model_copy(update={"value": 1.0})
    cells = [cell.model_copy(update={"accuracy": perfect}) if cell.arm == "endpoint" else cell for cell in exam.cells]
    unclear = exam.verdict.model_copy(update={"decision": "unclear"})
    with_both.__dict__["exam"] = exam.model_copy(update={"cells": tuple(cells), "verdict": unclear})
    labels = [highlight.label for highlight in compose(with_both).highlights]
    assert labels[:2] == ["Recall, base → lora+rag", "Transfer, base → lora+rag"]
