"""The verb `push` against a stand-in for the Hub, each call a process of its own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.artifact import hash_file
from loresmith.pipeline import Project, open_project
from tests.hub.pushing import Done, run
from tests.hub.server import Hub, served
from tests.publish.conftest import GGUF_BYTES, refill
from tests.publish.test_fitness import failed, judged

NAMES = ["Modelfile", "README.md", "params", "plant-Q4_K_M.gguf", "system", "template"]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served() as standing:
        yield standing


@pytest.fixture
def push(tmp_path: Path, hub: Hub, project: Project) -> Callable[..., Done]:
    """`push(*flags, **environment)`: the project to me/plant."""

    def pushed(*flags: str, **environment: Any) -> Done:
        return run(tmp_path / "hf", hub.endpoint, "push", project.path, "me/plant", *flags, **environment)

    return pushed


def test_a_file_goes_to_a_private_repository_in_one_commit_and_never_twice(
    push: Any, hub: Hub, project: Project
) -> None:
    done = push()
    assert done.code == 0, done.err
    repository = hub.repositories["me/plant"]
    weights = (project.path / "export" / "model.gguf").read_bytes()
    assert (repository.kind, repository.private, sorted(repository.files())) == ("model", True, NAMES)
    assert repository.files()["plant-Q4_K_M.gguf"] == weights
    assert hub.uploads == [len(weights)]
    assert repository.messages[1:] == ["plant: gguf from Loresmith"]
    assert f"→ {hub.endpoint}/me/plant (made, private)" in done.out
    assert done.out.rstrip().endswith("Next: ollama run hf.co/me/plant")
    again = json.loads(push("--json").out)
    assert (again["sent"], sorted(again["already_there"])) == ({}, NAMES)
    assert (len(hub.committed), len(hub.uploads)) == (1, 1)


def test_an_upload_that_broke_off_goes_on(push: Any, hub: Hub, project: Project) -> None:
    weights = project.path / "export" / "model.gguf"
    hub.faults = {f"PUT .*{hash_file(weights)}": (400, "the line was cut")}
    broken = push()
    assert broken.code == 2
    assert "what has arrived is not sent twice" in broken.err
    assert hub.repositories["me/plant"].files() == {}
    hub.faults = {"POST .*/commit/": (400, "again")}
    assert push().code == 2
    hub.faults = {}
    assert push().code == 0
    assert hub.uploads == [weights.stat().st_size]
    assert sorted(hub.repositories["me/plant"].files()) == NAMES


def test_a_wrong_token_is_refused_and_never_shown(push: Any, hub: Hub) -> None:
    refused = push(token="hf_" + "wrong" * 6)
    assert (refused.code, refused.out) == (2, "")
    assert "The Hub does not accept the token." in refused.err
    assert "wrong" * 6 not in refused.said
    assert hub.repositories == {}


def test_a_repository_that_is_there_keeps_its_files_and_a_public_one_needs_the_flag(push: Any, hub: Hub) -> None:
    hub.made("me/plant", kind="model").add("main", {"old.txt": (b"x", False)}, "earlier")
    refused = push("--license", "mit")
    assert refused.code == 2
    assert "me/plant is there already, and it is public" in refused.err
    assert "or add --public if everybody may see it" in refused.err
    unknown = push("--public")
    assert "The licence of tiny is not known" in unknown.err
    done = push("--public", "--license", "mit", "--only-card")
    assert done.code == 0, done.err
    assert "also there, and not of this push: old.txt" in done.out
    assert sorted(hub.repositories["me/plant"].files()) == ["README.md", "old.txt"]


def test_what_the_exams_do_not_bear_is_not_sent(push: Any, hub: Hub, project: Project, tiny_model: Path) -> None:
    refill(project, tiny_model, evaluate=judged("none"), parity=failed)
    first, second = push(), push("--although-not-better")
    assert (first.code, second.code, hub.asked) == (2, 2, [])
    assert "The verdict is not to ship this model: It is none." in first.err
    assert "This is not the model that was examined. They agree on 3 of 40 choices." in second.err
    both = push("--although-not-better", "--although-not-equal")
    assert both.code == 0, both.err
    assert b"**No: it did not pass the parity exam.**" in hub.repositories["me/plant"].files()["README.md"]


def test_a_dry_run_lists_files_and_bytes_without_a_token_or_a_network(push: Any, hub: Hub) -> None:
    told = json.loads(push("--dry-run", "--json", token=None).out)
    assert sorted(told["would_send"]) == NAMES
    assert told["would_send"]["plant-Q4_K_M.gguf"] == GGUF_BYTES + 4
    assert told["bytes"] == sum(told["would_send"].values())
    assert hub.asked == []


def test_an_adapter_goes_out_for_a_base_that_others_can_find(push: Any, hub: Hub) -> None:
    assert "nobody could load it" in push("--what", "adapter").err
    done = push("--what", "adapter", "--base-model", "Qwen/Qwen2.5-3B-Instruct")
    assert done.code == 0, done.err
    files = hub.repositories["me/plant"].files()
    assert sorted(files) == ["README.md", "adapter_config.json", "adapter_model.safetensors"]


def test_the_training_rows_go_out_as_a_private_dataset_with_a_licence(push: Any, hub: Hub) -> None:
    assert "The rows have no licence" in push("--what", "dataset").err
    done = push("--what", "dataset", "--license", "cc-by-4.0")
    assert done.code == 0, done.err
    repository = hub.repositories["me/plant"]
    assert (repository.kind, repository.private) == ("dataset", True)
    assert "README.md" in repository.files()
    assert b"license: cc-by-4.0" in repository.files()["README.md"]
    assert not any("recall" in name for name in repository.files())


def test_a_run_sends_its_result_where_the_recipe_says_so(
    project: Project, hub: Hub, tmp_path: Path, tiny_model: Path
) -> None:
    recipe = project.path / "recipe.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8") + "export: {push_to_hub: me/plant}\n", encoding="utf-8")
    words = (tmp_path / "hf", hub.endpoint, "run", project.path, "--json")
    early = run(*words, token=None)
    assert "There is no token for the Hub." in early.err
    done = run(*words)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert {row["stage"] for row in told["stages"] if row["state"] != "fresh"} == {"report"}
    assert sorted(told["push"]["sent"]) == NAMES
    assert hub.repositories["me/plant"].private
    refill(open_project(project.path), tiny_model, parity=failed)
    held = run(*words)
    assert held.code == 2
    assert "They agree on 3 of 40 choices" in json.loads(held.out)["push"]["refused"]
