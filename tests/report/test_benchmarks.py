"""Public benchmarks in the report: before and after, with all that decides whether figures compare."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from loresmith.artifact import Artifact, Draft
from loresmith.errors import ArtifactCorrupt
from loresmith.report import benchmarks, next_steps
from loresmith.report.compose import compose
from loresmith.report.content import Command, Heat, Points, Section, Table
from loresmith.report.markdown import written
from loresmith.report.material import Material


def section_of(material: Material) -> Section:
    section = benchmarks.benchmarks(material)
    assert section is not None
    return section


def tables(section: Section) -> dict[str, Table]:
    return {block.caption: block for block in section.blocks if isinstance(block, Table)}


def test_before_and_after_stand_beside_each_other_with_n_and_interval(wide: Material) -> None:
    section = section_of(wide)
    rows = {row[0]: row for row in tables(section)["Before and after training"].rows}
    assert rows["mmlu"] == (
        *("mmlu", "acc", "200 of 14,042", "60.0% [50.0, 70.0]", "40.0% [30.0, 50.0]"),
        *("−20.0 [−30.0, −10.0]", "0.002"),  # 0.001 of two rows, by Holm
    )
    assert section.lead.endswith("It fell in mmlu by 20.0 points.")


def test_settings_and_the_mark_of_a_limit_are_shown(wide: Material) -> None:
    rows = {row[0]: row for row in tables(section_of(wide))["How each was asked"].rows}
    assert rows["mmlu"][1:4] == ("5-shot", "plain text", "float32")
    assert rows["mmlu"][6] == "limited to 200: an estimate"
    assert rows["arc_easy"][6] == "yes"


def test_subjects_are_a_map_with_small_ones_marked(wide: Material) -> None:
    found = {block.caption: block for block in section_of(wide).blocks if isinstance(block, Heat)}
    cells = {name: row for name, row in found["mmlu, by subject (acc)"].rows}
    assert [cell.is_small if cell else None for cell in cells["virology"]] == [True, True]
    assert [cell.is_small if cell else None for cell in cells["anatomy"]] == [False, False]


def test_results_of_another_adapter_or_model_are_said_to_be(
    wide: Material, remake: Callable[[str, Callable[[Draft], None]], Artifact]
) -> None:
    (said,) = (block for block in section_of(wide).blocks if isinstance(block, Points))
    assert said.items == ("arc_easy: 200 of the official 2,376", "mmlu: the dev split was asked")
    retrained = remake("train", lambda draft: draft.notes.update(steps=1))
    manifest = retrained.manifest.model_copy(update={"content": "ef" * 32})
    other = replace(wide, parents={**wide.parents, "train": replace(retrained, manifest=manifest)})
    (warned,) = (block for block in section_of(other).blocks if isinstance(block, Points))
    assert warned.tone == "warning"
    assert "mmlu was asked of another adapter" in "".join(warned.items)


def test_without_benchmarks_the_next_step_names_them_and_with_them_it_does_not(
    material: Material, wide: Material
) -> None:
    def lines(given: Material) -> list[str]:
        return [block.line for block in next_steps.next_steps(given).blocks if isinstance(block, Command)]

    assert benchmarks.benchmarks(material) is None
    assert any(line.startswith("loresmith benchmark . --tasks") for line in lines(material))
    assert not any(line.startswith("loresmith benchmark") for line in lines(wide))
    assert "was not measured by a public benchmark" in written(compose(material))
    assert "measured by the public benchmarks above alone" in written(compose(wide))


def test_damaged_results_are_named(wide: Material, tmp_path: Path) -> None:
    made, copy = next(iter(wide.benchmarks.values())).parent, tmp_path / "mmlu"
    copy.mkdir()
    (copy / "manifest.json").write_bytes((made / "manifest.json").read_bytes())
    (copy / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtifactCorrupt, match=r"results\.json"):
        benchmarks.read({"benchmarks/mmlu": copy / "results.json"})
