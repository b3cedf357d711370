import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.artifact import DROPPED, hash_file
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.files import REPORT
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection
from tests.hub.pushing import Done, run
from tests.hub.server import TOKEN, Hub, served

datasets = pytest.importorskip("datasets")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served() as standing:
        yield standing


@pytest.fixture
def folder(tmp_path: Path, plain: Dialogue, long: Dialogue) -> Path:
    """Two Parquet files, which the Hub stores apart, and a card, which it does not."""
    collection = Collection({"train": [plain, long], "validation": [plain]}, (), ())
    hand_over(collection, target_named("parquet"), tmp_path / "pumps", Label("Made for a test.", "cc0-1.0"))
    return tmp_path / "pumps"


@pytest.fixture
def push(tmp_path: Path, hub: Hub, folder: Path) -> Any:
    """`push(*flags, **environment)`: the folder to me/pumps."""

    def pushed(*flags: str, **environment: Any) -> Done:
        return run(tmp_path / "home", hub.endpoint, "dataset", "push", folder, "me/pumps", *flags, **environment)

    return pushed


def content(folder: Path) -> dict[str, bytes]:
    """What is meant to be published of a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in (REPORT, DROPPED))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_every_file_arrives_byte_for_byte_with_the_card_and_without_the_account(
    push: Any, hub: Hub, folder: Path
) -> None:
    done = push()
    assert done.code == 0, done.err
    repository = hub.repositories["me/pumps"]
    assert repository.files() == content(folder)
    assert sorted(repository.files()) == ["README.md", "data/train.parquet", "data/validation.parquet"]
    assert not repository.private
    assert f"3 files, {sum(map(len, content(folder).values())) / 1e3:.1f} kB → {hub.endpoint}/datasets/me/pumps" in (
        done.out
    )
    assert f"stays here: {REPORT}" in done.out
    assert done.out.rstrip().endswith('Next: datasets.load_dataset("me/pumps") in Python')
    assert "push      0/3 asking the Hub for me/pumps" in done.err
    assert {path.split("/")[2] for _, path in hub.asked if path.startswith("/api/")} == {
        "whoami-v2", "datasets", "repos", "validate-yaml",
    }  # fmt: skip


def test_what_arrived_loads_as_a_dataset(
    push: Any, hub: Hub, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert push().code == 0
    arrived = tmp_path / "arrived"
    for name, raw in hub.repositories["me/pumps"].files().items():
        (arrived / name).parent.mkdir(parents=True, exist_ok=True)
        (arrived / name).write_bytes(raw)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    for place in (arrived, folder):
        found = datasets.load_dataset(str(place))
        assert {split: rows.num_rows for split, rows in found.items()} == {"train": 2, "validation": 1}
        assert found["train"][0]["messages"][1]["content"] == "At 4 bar."


def test_a_second_push_sends_nothing_and_makes_no_commit(push: Any, hub: Hub) -> None:
    first, uploads = json.loads(push("--json").out), list(hub.uploads)
    again = json.loads(push("--json").out)
    assert (first["created"], again["created"]) == (True, False)
    assert sorted(first["sent"]) == sorted(again["already_there"]) == [
        "README.md", "data/train.parquet", "data/validation.parquet",
    ]  # fmt: skip
    assert again["sent"] == {}
    assert again["commit"] == first["commit"]
    assert hub.uploads == uploads
    assert len(hub.committed) == 1
    assert hub.calls("preupload") == 1


def test_a_changed_card_is_the_only_file_that_is_sent_again(push: Any, hub: Hub, folder: Path) -> None:
    push()
    card = folder / "README.md"
    card.write_text(card.read_text(encoding="utf-8") + "\nMore by hand.\n", encoding="utf-8")
    assert push("--message", "a better card").code == 0
    assert hub.committed[1:] == [["README.md"]]
    assert hub.repositories["me/pumps"].messages[1:] == ["3 rows from Loresmith", "a better card"]
    assert hub.repositories["me/pumps"].files()["README.md"] == card.read_bytes()


def test_a_file_with_the_same_size_and_other_bytes_is_sent(push: Any, hub: Hub, folder: Path) -> None:
    others = {name: (b"x" * len(raw), name.endswith(".parquet")) for name, raw in content(folder).items()}
    hub.made("me/pumps").add("main", others, "as long, but other")
    assert push().code == 0
    assert hub.repositories["me/pumps"].files() == content(folder)


def test_after_an_upload_that_broke_off_only_the_rest_is_sent(push: Any, hub: Hub, folder: Path) -> None:
    hub.faults = {"POST .*/commit/": (400, "the line was cut")}
    broken = push()
    assert broken.code == 2
    assert "status 400" in broken.err
    assert "the line was cut" in broken.err
    assert len(hub.uploads) == 2
    assert hub.repositories["me/pumps"].files() == {}
    hub.faults = {}
    assert push().code == 0
    assert len(hub.uploads) == 2  # nothing went to the store again
    assert hub.repositories["me/pumps"].files() == content(folder)


def test_of_two_uploads_the_one_that_arrived_is_not_repeated(push: Any, hub: Hub, folder: Path) -> None:
    hub.faults = {f"PUT .*{hash_file(folder / 'data' / 'validation.parquet')}": (400, "expired")}
    broken = push()
    assert broken.code == 2
    assert "broke off: Error while uploading 'data/validation.parquet'" in broken.err
    assert "what has arrived is not sent twice" in broken.err
    hub.faults = {}
    assert push().code == 0
    assert sorted(hub.uploads) == sorted(path.stat().st_size for path in (folder / "data").iterdir())


def test_a_private_repository_is_made_and_a_public_one_is_not_written_to_by_mistake(push: Any, hub: Hub) -> None:
    assert "(made, private)" in push("--private").out
    assert hub.repositories["me/pumps"].private
    hub.made("me/pumps")
    refused = push("--private")
    assert refused.code == 2
    assert "me/pumps is there already, and it is public" in refused.err
    assert hub.repositories["me/pumps"].files() == {}


def test_another_branch_is_made_and_main_stays_as_it_is(push: Any, hub: Hub, folder: Path) -> None:
    hub.made("me/pumps")
    done = push("--branch", "v2/try")
    assert done.code == 0, done.err
    assert hub.repositories["me/pumps"].files("v2/try") == content(folder)
    assert hub.repositories["me/pumps"].files() == {}
    assert 'load_dataset("me/pumps", revision="v2/try")' in done.out


def test_other_files_of_the_repository_stay_and_are_named(push: Any, hub: Hub) -> None:
    hub.made("me/pumps").add("main", {"old.jsonl": (b"{}\n", False)}, "earlier")
    assert "also there, and not of this push: old.jsonl" in push().out
    assert "old.jsonl" in hub.repositories["me/pumps"].files()


def test_a_file_that_the_repository_ignores_is_not_reported_as_sent(push: Any, hub: Hub) -> None:
    hub.made("me/pumps").ignored = {"data/train.parquet"}
    refused = push()
    assert refused.code == 2
    assert "me/pumps lacks data/train.parquet" in refused.err
    assert ".gitignore" in refused.err


def test_files_beside_the_export_and_exams_do_not_go_out(
    push: Any, hub: Hub, folder: Path, tmp_path: Path, plain: Dialogue
) -> None:
    (folder / "secret.env").write_text("KEY=1", encoding="utf-8")
    assert "stays here: secret.env (no file of the conversion)" in push().out
    assert "secret.env" not in hub.repositories["me/pumps"].files()
    exam = tmp_path / "exam"
    hand_over(Collection({"recall": [plain]}, (), ()), target_named("messages"), exam, Label("An exam.", "mit"))
    refused = run(tmp_path / "home", hub.endpoint, "dataset", "push", exam, "me/exam")
    assert refused.code == 2
    assert "held-out exam rows (recall)" in refused.err
    assert "me/exam" not in hub.repositories
    assert run(tmp_path / "home", hub.endpoint, "dataset", "push", exam, "me/exam", "--with-exams").code == 0
    assert hub.repositories["me/exam"].files() == content(exam)


def test_the_stored_login_is_used_where_no_variable_is_set_and_no_token_is_ever_shown(
    push: Any, hub: Hub, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").write_text(TOKEN + "\n", encoding="utf-8")
    hub.faults = {"POST .*/commit/": (400, f"Bearer {TOKEN} is not liked")}
    refused = push(token=None)
    assert refused.code == 2
    assert "Bearer *** is not liked" in refused.err
    hub.faults = {}
    done = push(token=None)
    assert done.code == 0
    assert TOKEN not in refused.said + done.said + push("--json").said
