import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import MachineError
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.files import REPORT
from loresmith.exchange.handing_over import Label, hand_over, require_room, target_named
from loresmith.exchange.reading import Collection

LABEL = Label("Made for a test.", columns={"topic": "what it is about"})


@pytest.fixture
def collection(long: Dialogue) -> Collection:
    return Collection({"train": [long]}, (), ())


def test_what_stands_beside_the_rows_belongs_to_the_folder_and_its_report(
    collection: Collection, tmp_path: Path
) -> None:
    def beside_rows(folder: Path) -> Mapping[str, Any]:
        (folder / "notes").mkdir()
        (folder / "notes" / "a.md").write_text("# A")
        return {"notes": 1}

    hand_over(collection, target_named("messages"), tmp_path / "out", LABEL, beside_rows=beside_rows)
    report = json.loads((tmp_path / "out" / REPORT).read_text(encoding="utf-8"))
    assert report["notes"] == 1
    assert "notes/a.md" in report["files"]
    require_room(tmp_path / "out", force=True)  # what is listed may be replaced


def test_a_disk_that_fills_up_half_way_leaves_nothing_behind(collection: Collection, tmp_path: Path) -> None:
    def beside_rows(folder: Path) -> Mapping[str, Any]:
        assert (folder / "train.jsonl").is_file()
        raise OSError(28, "No space left on device")

    with pytest.raises(MachineError):
        hand_over(collection, target_named("messages"), tmp_path / "out", LABEL, beside_rows=beside_rows)
    assert list(tmp_path.iterdir()) == []


def test_the_card_says_what_a_column_beside_the_rows_holds(collection: Collection, tmp_path: Path) -> None:
    hand_over(collection, target_named("messages"), tmp_path / "out", LABEL)
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| `topic` | what it is about |" in card
    assert "| `messages` | turns |" in card
