"""One document looked at without a project."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from loresmith.cli.ingest import command
from loresmith.errors import RecipeError, Unreadable, UserError


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text("# Pumps\n\nThe pump moves water.\n", encoding="utf-8")
    return path


def test_show_prints_the_markdown_and_nothing_else(notes: Path) -> None:
    assert CliRunner().invoke(command, [str(notes), "--show"]).stdout == "# Pumps\n\nThe pump moves water.\n"


def test_json_adds_how_it_was_read(notes: Path) -> None:
    found = json.loads(CliRunner().invoke(command, [str(notes), "--show", "--json"]).stdout)
    assert (found["format"], found["title"]) == ("markdown", "Pumps")


def test_a_preview_is_written_where_it_was_asked_for(notes: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [str(notes), "--preview", str(tmp_path / "look.html")])
    assert "The pump moves water." in (tmp_path / "look.html").read_text(encoding="utf-8")
    assert "open" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [["--show"], ["nowhere.pdf", "--show"], [".", "--preview", "x.html"]])
def test_a_look_needs_one_document(words: list[str]) -> None:
    fault = CliRunner().invoke(command, words).exception
    assert isinstance(fault, UserError)
    assert "--show" in fault.next_step


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    fault = CliRunner().invoke(command, [str(tmp_path / "empty.pdf"), "--show"]).exception
    assert isinstance(fault, Unreadable)
    assert "empty" in fault.problem


def test_a_look_reads_with_the_reader_and_the_limits_of_the_flags(notes: Path) -> None:
    fault = CliRunner().invoke(command, [str(notes), "--show", "--reader", "crystal-ball"]).exception
    assert isinstance(fault, UserError)
    assert "crystal-ball" in fault.problem
    fault = CliRunner().invoke(command, [str(notes), "--show", "--memory-per-file-mb", "3"]).exception
    assert isinstance(fault, RecipeError)
    assert "memory_per_file_mb" in fault.problem


def test_a_preview_into_a_folder_that_is_missing_says_so(notes: Path, tmp_path: Path) -> None:
    fault = CliRunner().invoke(command, [str(notes), "--preview", str(tmp_path / "gone" / "look.html")]).exception
    assert isinstance(fault, UserError)
    assert "look.html" in fault.problem
    assert "--preview" in fault.next_step
