import subprocess
import sys
from pathlib import Path

import pytest

from loresmith.errors import FolderInUse, MachineError, NotBuiltYet, RecipeError, UserError
from loresmith.pipeline import Project, open_project
from loresmith.recipe import Recipe


@pytest.fixture
def project(tmp_path: Path) -> Project:
    recipe = Recipe(name="x", documents=("/docs",), chunk={"size": 500})  # type: ignore[arg-type]
    return Project(tmp_path / "p", recipe, rehearsed=True, aside=("evaluate.benchmarks: mmlu",))


def test_a_saved_project_opens_as_it_was(project: Project) -> None:
    project.save()
    assert open_project(project.path) == project


def test_a_recipe_has_its_project_below_runs(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: my-expert\n")
    assert open_project(tmp_path / "r.yaml").path == Path("runs/my-expert")
    assert open_project(tmp_path / "r.yaml", rehearse=True).path == Path("runs/my-expert-rehearsal")
    assert open_project(tmp_path / "r.yaml", project=tmp_path / "here").path == tmp_path / "here"


def test_a_recipe_that_asks_for_the_unbuilt_is_refused_unless_rehearsed(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: x\nexperts: [{name: law}]\n")
    with pytest.raises(NotBuiltYet, match="experts"):
        open_project(tmp_path / "r.yaml")
    assert "experts: law" in open_project(tmp_path / "r.yaml", rehearse=True).aside


@pytest.mark.parametrize("name", ["nothing-here", "notes.txt"])
def test_what_is_neither_project_nor_recipe_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="neither a project folder nor a recipe"):
        open_project(tmp_path / name)


def test_a_folder_without_a_recipe_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="loresmith init"):
        open_project(tmp_path)


def test_damaged_project_facts_are_one_clear_error(project: Project) -> None:
    project.save()
    (project.path / "project.json").write_text("{")
    with pytest.raises(RecipeError, match="damaged"):
        open_project(project.path)


HOLD = """
import sys
from pathlib import Path
from loresmith.pipeline import Project
from loresmith.recipe import Recipe
with Project(Path(sys.argv[1]), Recipe(name="x")).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_told_who_works_there(project: Project) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse, match=f"process {other.pid}"), project.locked():
            pass
        other.kill()
    with project.locked():  # the lock went with the process
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX paths")
def test_a_folder_that_cannot_be_made_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot be written"):
        Project(tmp_path / "file" / "p", Recipe(name="x")).save()
