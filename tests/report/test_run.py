"""The stage as a whole, on a made-up project of real artifacts."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loresmith import report
from loresmith.artifact import Artifact, Draft, Plan
from loresmith.errors import ArtifactCorrupt
from loresmith.progress import finish
from loresmith.recipe.settings import ReportSettings

Remake = Callable[[str, Callable[[Draft], None]], Artifact]


@pytest.fixture(scope="session")
def written(
    settings: ReportSettings, parents: dict[str, Artifact], tmp_path_factory: pytest.TempPathFactory
) -> Artifact:
    return finish(report.run(Plan("report", settings, parents), tmp_path_factory.mktemp("r") / "report"))


def figures(made: Artifact) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((made / "report.json").read_text(encoding="utf-8"))
    return read


def test_three_files_tell_the_same_verdict(written: Artifact) -> None:
    headline = str(written.manifest.notes["headline"])
    assert headline.startswith("Ship lora+rag")
    assert figures(written)["headline"] == headline
    assert headline in (written / "report.html").read_text(encoding="utf-8")
    assert headline in (written / "report.md").read_text(encoding="utf-8")
    assert written.manifest.files.keys() == {"report.html", "report.md", "report.json"}


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_every_accuracy_of_the_results_is_shown_with_its_interval_and_n(written: Artifact, name: str) -> None:
    text = (written / name).read_text(encoding="utf-8").replace("\\", "")
    for cell in figures(written)["examination"]["cells"]:
        if cell["form"] != "all":
            shown = cell["accuracy"]
            assert f"{100 * shown['value']:.1f}%" in text
            assert f"[{100 * shown['low']:.1f}, {100 * shown['high']:.1f}]" in text


@pytest.mark.parametrize("name", ["report.html", "report.md", "report.json"])
def test_what_was_read_dropped_and_why_is_there(written: Artifact, name: str) -> None:
    text = (written / name).read_text(encoding="utf-8").replace("\\", "")
    for word in ("papers/paper-07.pdf", "encrypted", "duplicate", "number not in quote", "reference list", "39 of 40"):
        assert word in text, word


def test_times_and_memory_are_shown_to_people_but_change_no_hash(
    settings: ReportSettings, parents: dict[str, Artifact], written: Artifact, tmp_path: Path
) -> None:
    slow = parents["train"].manifest.model_copy(update={"seconds": 4321.0, "machine": "Another, 64 cores"})
    later = {**parents, "train": replace(parents["train"], manifest=slow)}
    again = finish(report.run(Plan("report", settings, later), tmp_path / "report"))
    page = (again / "report.html").read_text(encoding="utf-8")
    assert "1 h 12 min" in page
    assert "Another, 64 cores" in page
    assert again.manifest.content == written.manifest.content
    assert (again / "report.json").read_bytes() == (written / "report.json").read_bytes()


@pytest.mark.parametrize("there", [(), ("ingest",), ("ingest", "chunk", "generate", "split"), ("split", "evaluate")])
def test_a_report_is_made_from_whatever_stages_are_there(
    settings: ReportSettings, parents: dict[str, Artifact], tmp_path: Path, there: tuple[str, ...]
) -> None:
    some = {stage: parents[stage] for stage in there}
    made = finish(report.run(Plan("report", settings, some), tmp_path / "report"))
    ids = [section["id"] for section in figures(made)["sections"]]
    assert "provenance" in ids
    assert ("arms" in ids) == ("evaluate" in there)
    assert ("documents" in ids) == ("ingest" in there)


def test_without_an_examination_the_report_says_that_nothing_is_known(
    settings: ReportSettings, parents: dict[str, Artifact], tmp_path: Path
) -> None:
    made = finish(report.run(Plan("report", settings, {"ingest": parents["ingest"]}), tmp_path / "report"))
    assert figures(made)["decision"] == "unclear"
    assert "Nothing was examined" in figures(made)["headline"]


def test_damaged_results_are_one_clear_error(
    settings: ReportSettings, parents: dict[str, Artifact], remake: Remake, tmp_path: Path
) -> None:
    def half(draft: Draft) -> None:
        (draft.path / "results.json").write_text("{", encoding="utf-8")

    broken = remake("evaluate", half)
    with pytest.raises(ArtifactCorrupt, match="loresmith evaluate"):
        finish(report.run(Plan("report", settings, {**parents, "evaluate": broken}), tmp_path / "report"))
    assert not (tmp_path / "report").exists()
