from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.pipeline.sources import fingerprints, sources
from loresmith.recipe import IngestConfig

ALL = IngestConfig()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.md", "a.md", "sub/c.txt", ".hidden.md", ".git/config", "~$lock.docx"):
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(name)
    return tmp_path / "docs"


def test_names_are_sorted_paths_below_the_folder_without_hidden_files(folder: Path) -> None:
    assert list(sources((str(folder),), ALL)) == ["a.md", "b.md", "sub/c.txt"]


def test_two_folders_keep_their_files_apart(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.md").write_text("other")
    assert list(sources((str(folder), str(tmp_path / "more")), ALL)) == [
        "docs/a.md", "docs/b.md", "docs/sub/c.txt", "more/a.md"
    ]  # fmt: skip


def test_patterns_choose_and_leave_out(folder: Path) -> None:
    assert list(sources((str(folder),), IngestConfig(include=("*.md",), exclude=("b*",)))) == ["a.md"]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret")
    (folder / "z.md").symlink_to(tmp_path / "secret.md")
    (folder / "y.md").symlink_to(folder / "a.md")
    assert list(sources((str(folder),), ALL)) == ["a.md", "b.md", "sub/c.txt", "y.md"]


def test_fingerprints_are_of_the_bytes(folder: Path) -> None:
    before = fingerprints(sources((str(folder),), ALL))
    (folder / "b.md").write_text("changed")
    after = fingerprints(sources((str(folder),), ALL))
    assert [name for name in before if before[name] != after[name]] == ["b.md"]


@pytest.mark.parametrize(("documents", "problem"), [((), "names no documents"), (("/none/there",), "no documents at")])
def test_nothing_to_read_is_one_clear_error(documents: tuple[str, ...], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        sources(documents, ALL)


def test_an_empty_folder_is_an_error_that_says_what_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no files") as caught:
        sources((str(tmp_path),), ALL)
    assert "PDF, Markdown" in caught.value.next_step


def test_a_scan_reader_that_was_installed_makes_pdfs_stale_and_nothing_else(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    pdf = {"a.pdf": folder / "a.md"}
    before = fingerprints(pdf)
    program = tmp_path / "bin" / "tesseract"
    program.write_text("#!/bin/sh\n[ $1 = --version ] && echo tesseract 5.3.0 || echo 'List of languages\neng'\n")
    program.chmod(0o755)
    after = fingerprints(pdf)
    assert {**before, "tesseract": "tesseract 5.3.0 eng"} == after
    assert "tesseract" not in fingerprints({"a.md": folder / "a.md"})
