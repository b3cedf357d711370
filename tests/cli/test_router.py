"""`loresmith router` and `loresmith serve` on a file of experts."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loresmith.cli.router import command
from loresmith.cli.serve import command as serve
from loresmith.errors import ArtifactMissing, UserError
from tests.router.roster import write_roster
from tests.serve.town import build_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return build_town(tmp_path_factory.mktemp("town"), tiny_model)


def told(*words: str) -> Any:
    found = CliRunner().invoke(command, [*words, "--json"], catch_exceptions=False)
    assert found.exit_code == 0
    return json.loads(found.stdout)


def test_train_test_and_ask_tell_what_they_did_as_json(town: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.txt"
    foreign.write_text("Who won in Bolivia?\n", encoding="utf-8")
    assert told("train", str(town))["held_out"] == {"kitchen": 20, "harbour": 20}
    found = told("test", str(town), "--foreign", str(foreign))
    assert (found["whole"]["questions"], found["foreign"]["questions"]) == (16, 1)
    assert told("ask", str(town), "Is there yeast on the pier?")["why"] == "keyword"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who steers starboard?", "harbour: the word 'starboard' decides"),
        ("Who won in Bolivia?", "base: far from all that it learned"),
        ("Which spice goes into the pie?", "kitchen: probability"),
    ],
)
def test_ask_says_in_words_where_a_question_goes_and_why(town: Path, question: str, said: str) -> None:
    found = CliRunner().invoke(command, ["ask", str(town), question], catch_exceptions=False)
    assert found.stdout.startswith(said)


def test_a_test_before_the_training_names_the_verb(tmp_path: Path) -> None:
    path = write_roster(tmp_path)
    found = CliRunner().invoke(command, ["test", str(path)])
    assert isinstance(found.exception, ArtifactMissing)
    assert "loresmith router train" in found.exception.next_step


def test_experts_and_a_registry_are_not_served_together(town: Path) -> None:
    found = CliRunner().invoke(serve, [str(town), "--alias", "champion"])
    assert isinstance(found.exception, UserError)
    assert "lists several experts" in found.exception.problem


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_serve_tells_its_models_and_reads_the_file_again_on_sighup(town: Path) -> None:
    line = [sys.executable, "-m", "loresmith.cli", "serve", str(town), "--port", "0", "--with", "none", "--json"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    before = town.read_text(encoding="utf-8")
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        heard = ""
        while not heard.rstrip().endswith("}"):
            heard += process.stdout.readline() or pytest.fail(process.communicate()[1])
        found = json.loads(heard)
        assert found["models"] == ["auto", "kitchen", "harbour", "base"]
        town.write_text("\n".join(row for row in before.splitlines() if "name: harbour" not in row), encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        assert process.stderr.readline() == "experts: loaded: none, unloaded: harbour, kept: kitchen\n"
        assert [row["id"] for row in get(f"{found['api']}/models")["data"]] == ["auto", "kitchen", "base", "minilm"]
    finally:
        town.write_text(before, encoding="utf-8")
        process.kill()
        process.communicate(timeout=30)
