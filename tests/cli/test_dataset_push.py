import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loresmith.cli.dataset import command
from loresmith.exchange.dialogue import Dialogue, pair
from loresmith.exchange.files import REPORT
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection
from tests.hub.pushing import run

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [Dialogue(id="p", turns=pair("When does the valve open?", "At 4 bar."))]
    hand_over(Collection({"train": rows}, (), ()), target_named("messages"), tmp_path / "pumps", Label("Made.", "mit"))
    return tmp_path / "pumps"


def test_a_dry_run_lists_files_and_sizes_without_a_token_or_a_network(folder: Path, tmp_path: Path) -> None:
    size = (folder / "train.jsonl").stat().st_size
    done = run(tmp_path / "home", NOWHERE, "dataset", "push", folder, "me/pumps", "--dry-run", token=None)
    assert done.code == 0, done.err
    assert "1 rows in 2 files" in done.out
    assert "licence mit, would go to me/pumps (main)" in done.out
    assert f"  {size} B".rjust(11) + "  train.jsonl" in done.out
    assert f"stays here: {REPORT}" in done.out
    assert done.err == ""


def test_a_dry_run_as_json_is_one_document(folder: Path) -> None:
    words = ["push", str(folder), "me/pumps", "--dry-run", "--json", "--branch", "v2"]
    told: dict[str, Any] = json.loads(CliRunner().invoke(command, words).stdout)
    sizes = {name: (folder / name).stat().st_size for name in ("README.md", "train.jsonl")}
    assert told["would_send"] == sizes
    assert (told["bytes"], told["branch"], told["rows"]) == (sum(sizes.values()), "v2", 1)
    assert list(told["left_behind"]) == [REPORT]


def test_no_flag_takes_a_token() -> None:
    shown = CliRunner().invoke(command, ["push", "--help"]).stdout
    assert "--token" not in shown
    assert "HF_TOKEN" in shown


def test_a_name_that_is_none_and_a_folder_that_is_none_are_errors_of_the_input(folder: Path, tmp_path: Path) -> None:
    name = run(tmp_path / "home", NOWHERE, "dataset", "push", folder, "pumps", "--dry-run")
    assert (name.code, name.out) == (2, "")
    assert "error: 'pumps' is no name of a repository: it is not OWNER/NAME." in name.err
    missing = run(tmp_path / "home", NOWHERE, "dataset", "push", tmp_path / "none", "me/pumps")
    assert missing.code == 2
    assert "is no exported dataset" in missing.err
