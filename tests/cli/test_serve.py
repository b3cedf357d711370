import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loresmith.cli.serve import command
from loresmith.errors import LoresmithError
from loresmith.pipeline import Project
from loresmith.progress import finish
from loresmith.registry import Registry
from tests.serve.shelf import build_project

START_SECONDS, STOP_SECONDS = 120, 30


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_project(tmp_path_factory.mktemp("serve"))


Started = tuple[subprocess.Popen[str], dict[str, Any]]


@pytest.fixture
def started(project: Project) -> Iterator[Callable[..., Started]]:
    """Starts `loresmith serve` on a free port; gives the process and what it announced."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> Started:
        line = [sys.executable, "-m", "loresmith.cli", "serve", str(project.path), "--port", "0", "--with", "none"]
        process = subprocess.Popen([*line, "--json", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        running.append(process)
        told = ""
        while not told.rstrip().endswith("}"):
            told += process.stdout.readline() or pytest.fail(process.communicate()[1])  # type: ignore[union-attr]
        return process, json.loads(told)

    yield start
    for process in running:
        process.kill()
        process.communicate(timeout=STOP_SECONDS)


def refusal(project: Project, *words: str) -> LoresmithError:
    fault = CliRunner().invoke(command, [str(project.path), *words], env={"LORESMITH_API_KEY": ""}).exception
    assert isinstance(fault, LoresmithError)
    return fault


def get(address: str, path: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(address + path, headers=headers), timeout=30) as answer:
        return answer.read()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_page_and_api_and_ends_well_at_a_signal(started: Callable[..., Started], number: int) -> None:
    process, told = started()
    assert json.loads(get(told["page"], "healthz"))["model"] == "plant"
    assert b"gradio" in get(told["page"], "")
    assert json.loads(get(told["api"], "/models"))["data"][0]["id"] == told["model"] == "plant"
    process.send_signal(number)
    _, errors = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "Stopped." in errors


def test_a_taken_port_is_one_clear_error(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        fault = refusal(project, "--port", str(taken.getsockname()[1]), "--with", "none")
    assert "is taken by another program" in fault.problem
    assert fault.exit_code == 3


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.9"])
def test_an_address_that_others_reach_needs_a_key(project: Project, host: str) -> None:
    fault = refusal(project, "--host", host)
    assert "no API key is set" in fault.problem
    assert "LORESMITH_API_KEY" in fault.next_step
    assert fault.exit_code == 2


def test_a_missing_index_is_an_error_that_names_its_verb(project: Project, tmp_path: Path) -> None:
    bare = Project(tmp_path / "bare", project.recipe)
    bare.save()
    assert refusal(bare, "--port", "0").next_step == "Run `loresmith index` first."


def test_a_port_that_cannot_be_is_refused(project: Project) -> None:
    assert "port" in refusal(project, "--port", "70000").problem


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "Nothing is named to serve"),
        (["{place}", "--alias", "champion"], "There is no registry at"),
        (["--registry", "{place}"], "There is no registry at"),
    ],
)
def test_a_registry_that_is_not_there_is_refused_before_anything_opens(
    project: Project, words: list[str], problem: str
) -> None:
    given = [word.format(place=project.path) for word in words]
    fault = CliRunner().invoke(command, given, env={"LORESMITH_API_KEY": ""}).exception
    assert isinstance(fault, LoresmithError)
    assert problem in fault.problem
    assert fault.exit_code == 2


def test_an_alias_that_names_nothing_is_refused(project: Project, tmp_path: Path) -> None:
    with Registry(tmp_path / "registry", create=True) as book:
        finish(book.add(project))
    fault = CliRunner().invoke(command, ["--registry", str(tmp_path / "registry"), "--port", "0"]).exception
    assert isinstance(fault, LoresmithError)
    assert "No version is the champion" in fault.problem
