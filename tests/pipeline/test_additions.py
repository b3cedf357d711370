"""One more document and one less, by the real stages."""

import shutil
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.artifact import ROWS
from loresmith.errors import UserError
from loresmith.pipeline import Project, run_one
from loresmith.pipeline.additions import MADE_ANEW, add, remove
from loresmith.progress import finish
from loresmith.recipe import IndexConfig, Recipe
from loresmith.records import Chunk, Document
from loresmith.retrieval.searcher import open_index

VALVES = "# Valves\n\nThe relief valve opens at 4 bar. It is made of brass.\n"
DOCK = "# The dock\n\nThe crane of the dock lifts 18 tonnes. It was built in Gothenburg. "
DOCK += "A gantry is a crane that spans the quay. The slipway is a ramp on which boats are drawn out of the water.\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents and their project, indexed."""
    place = tmp_path_factory.mktemp("made")
    (place / "docs").mkdir()
    (place / "docs" / "valves.md").write_text(VALVES)
    project = project_in(place)
    project.save()
    for stage in MADE_ANEW:
        finish(run_one(project, stage))
    return place


def project_in(place: Path) -> Project:
    return Project(place / "p", Recipe(name="x", documents=(str(place / "docs"),)))


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return project_in(tmp_path)


def sent(folder: Path, content: str | bytes = DOCK) -> Path:
    path = folder / "coming"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def sources_in(project: Project) -> list[str]:
    return [document.source for document in artifact.read(project.path / "documents", made_by="").rows(Document)]


def first_for(project: Project, question: str) -> str:
    with open_index(project.path / "index") as index:
        return index.search(question, 1)[0].source


def test_an_added_document_is_found_at_once_and_a_removed_one_leaves_no_word_behind(
    project: Project, tmp_path: Path
) -> None:
    before = (project.path / "documents" / ROWS).read_bytes()
    added = finish(add(project, "dock.md", sent(tmp_path)))
    assert (added.document.source, added.document.title, added.passages) == ("uploads/dock.md", "The dock", 1)
    assert first_for(project, "What does the crane lift?") == "uploads/dock.md"
    finish(remove(project, "dock.md"))
    assert (project.path / "documents" / ROWS).read_bytes() == before
    whole = b"".join(path.read_bytes() for path in project.path.rglob("*") if path.is_file())
    assert b"Gothenburg" not in whole
    assert first_for(project, "What does the crane lift?") == "valves.md"


def test_what_was_read_before_is_not_read_again(project: Project, tmp_path: Path) -> None:
    rows = project.path / "documents" / ROWS
    manifest = project.path / "documents" / "manifest.json"
    old = artifact.hash_file(rows)
    rows.write_text(rows.read_text().replace("brass", "steel"))  # only what is taken over from here can say so
    text = manifest.read_text().replace(old, artifact.hash_file(rows))
    manifest.write_text(text)
    finish(add(project, "dock.md", sent(tmp_path)))
    chunks = list(artifact.read(project.path / "chunks", made_by="").rows(Chunk))
    assert any("steel" in chunk.text for chunk in chunks)


def test_a_file_that_cannot_be_read_gives_its_reason_and_leaves_nothing(project: Project, tmp_path: Path) -> None:
    before = (project.path / "index" / "manifest.json").read_text()
    with pytest.raises(UserError, match=r"dock\.pdf cannot be read: "):
        finish(add(project, "dock.pdf", sent(tmp_path, b"%PDF-1.4 and nothing more")))
    assert sources_in(project) == ["valves.md"]
    assert not list((project.path / "uploads").iterdir())
    assert (project.path / "index" / "manifest.json").read_text() == before


def test_the_same_file_again_and_a_taken_name_are_refused(project: Project, tmp_path: Path) -> None:
    finish(add(project, "dock.md", sent(tmp_path)))
    with pytest.raises(UserError, match="already"):
        finish(add(project, "dock.md", sent(tmp_path, "# Other\n\nOther words.\n")))
    with pytest.raises(UserError, match=r"same file as uploads/dock\.md"):
        finish(add(project, "again.md", sent(tmp_path)))
    with pytest.raises(UserError, match=r"same file as valves\.md"):
        finish(add(project, "valves.md", sent(tmp_path, VALVES)))


def test_a_project_whose_documents_changed_has_to_be_run_first(project: Project, tmp_path: Path) -> None:
    (tmp_path / "docs" / "valves.md").write_text("# Valves\n\nAll is new.\n")
    with pytest.raises(UserError, match="changed since"):
        finish(add(project, "dock.md", sent(tmp_path)))
    assert not (project.path / "uploads").exists()


def test_a_project_with_a_tuned_index_takes_no_upload(project: Project, tmp_path: Path) -> None:
    tuned = Project(project.path, project.recipe.model_copy(update={"index": IndexConfig(tune=True)}))
    with pytest.raises(UserError, match=r"index\.tune"):
        finish(add(tuned, "dock.md", sent(tmp_path)))


def test_a_document_that_questions_rest_on_is_not_deleted(project: Project, tmp_path: Path) -> None:
    finish(add(project, "dock.md", sent(tmp_path)))
    finish(run_one(project, "generate"))
    with pytest.raises(UserError, match=r"Questions of this project rest on dock\.md"):
        finish(remove(project, "dock.md"))
    with pytest.raises(UserError, match="no uploaded document"):
        finish(remove(project, "valves.md"))


def test_an_upload_that_was_cut_off_is_read_by_the_next_one(project: Project, tmp_path: Path) -> None:
    work = add(project, "dock.md", sent(tmp_path))
    next(work)
    work.close()
    assert sources_in(project) == ["valves.md"]
    finish(add(project, "pier.md", sent(tmp_path, "# The pier\n\nThe pier is 90 metres long.\n")))
    assert sources_in(project) == ["uploads/dock.md", "uploads/pier.md", "valves.md"]
