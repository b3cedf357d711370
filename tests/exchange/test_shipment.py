import json
from pathlib import Path
from typing import Any

import pytest

from loresmith.artifact import DROPPED, hash_file
from loresmith.errors import UserError
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.files import REPORT
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection
from loresmith.exchange.shipment import pack


@pytest.fixture
def written(tmp_path: Path, plain: Dialogue) -> Any:
    """`written(license_name, split)`: a folder with one row."""

    def write(license_name: str = "cc-by-4.0", split: str = "train") -> Path:
        collection = Collection({split: [plain]}, (), ())
        hand_over(collection, target_named("messages"), tmp_path / "out", Label("Made.", license_name), force=True)
        return tmp_path / "out"

    return write


def problem(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        pack(folder)
    return str(caught.value)


def edit(folder: Path, **changes: Any) -> None:
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    (folder / REPORT).write_text(json.dumps({**report, **changes}), encoding="utf-8")


def test_what_goes_out_is_what_the_report_lists_with_sizes_and_hashes(written: Any) -> None:
    folder = written()
    shipment = pack(folder)
    assert shipment.files == {
        name: ((folder / name).stat().st_size, hash_file(folder / name)) for name in ("README.md", "train.jsonl")
    }
    assert (shipment.rows, shipment.license, shipment.exams) == (1, "cc-by-4.0", ())
    assert shipment.size_bytes == sum(path.stat().st_size for path in folder.iterdir() if path.name != REPORT)


def test_files_of_others_and_rows_that_were_set_aside_stay(written: Any) -> None:
    folder = written()
    (folder / "checkpoint").mkdir()
    (folder / "checkpoint" / "weights.bin").write_bytes(b"x")
    (folder / DROPPED).write_text("{}\n", encoding="utf-8")
    listed = json.loads((folder / REPORT).read_text(encoding="utf-8"))["files"]
    edit(folder, files={**listed, DROPPED: [3, hash_file(folder / DROPPED)]})
    shipment = pack(folder)
    assert sorted(shipment.files) == ["README.md", "train.jsonl"]
    assert shipment.left_behind == {
        "checkpoint/weights.bin": "no file of the conversion",
        DROPPED: "rows that were set aside",
        REPORT: "the account of the conversion, with paths of this machine",
    }


def test_a_folder_that_is_not_whole_is_refused_by_the_name_of_the_file(written: Any) -> None:
    folder = written()
    rows = folder / "train.jsonl"
    before = rows.read_bytes()
    rows.write_bytes(before.replace(b"4 bar", b"5 bar"))  # the same length
    assert "train.jsonl is not the file that was written" in problem(folder)
    rows.write_bytes(before + b"\n")
    assert "train.jsonl is not the file that was written" in problem(folder)
    rows.unlink()
    assert "train.jsonl is missing" in problem(folder)


def test_a_listed_file_outside_the_folder_is_refused(written: Any, tmp_path: Path) -> None:
    folder = written()
    secret = tmp_path / "secret"
    secret.write_text("x", encoding="utf-8")
    listed = json.loads((folder / REPORT).read_text(encoding="utf-8"))["files"]
    for name in ("../secret", str(secret), "link"):
        edit(folder, files={**listed, name: [1, hash_file(secret)]})
        if name == "link":
            (folder / name).symlink_to(secret)
        assert f"{name} lies outside the folder" in problem(folder)


def test_a_folder_that_no_conversion_wrote_and_one_without_hashes_are_refused(written: Any, tmp_path: Path) -> None:
    assert "is no exported dataset: there is no loresmith-dataset.json" in problem(tmp_path)
    folder = written()
    edit(folder, files=["README.md", "train.jsonl"])
    message = problem(folder)
    assert "of a version that kept no hashes" in message
    assert "--force" in message


def test_a_card_must_be_there_and_have_a_head(written: Any) -> None:
    folder = written()
    card = folder / "README.md"
    for text in ("# No head\n", "---\nlicense: [\n---\n"):
        card.write_text(text, encoding="utf-8")
        assert "is no card" in problem(folder)
    card.unlink()
    assert "README.md is missing" in problem(folder)
    listed = json.loads((folder / REPORT).read_text(encoding="utf-8"))["files"]
    edit(folder, files={name: told for name, told in listed.items() if name != "README.md"})
    assert "without a dataset card" in problem(folder)


def test_a_card_without_a_licence_is_refused_with_the_flag_that_sets_it(written: Any) -> None:
    for license_name in ("unknown", "", "Unknown ", "none"):
        message = problem(written(license_name))
        assert "names no licence" in message
        assert "--license NAME --force" in message


def test_a_list_of_licences_with_an_unknown_one_names_none(written: Any) -> None:
    folder = written("unknown")
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8")
    for license_name in ("[mit, unknown]", "[]", "null"):
        card.write_text(text.replace("license: unknown", f"license: {license_name}"), encoding="utf-8")
        assert "names no licence" in problem(folder)


def test_a_card_may_be_edited_by_hand(written: Any) -> None:
    folder = written("unknown")
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8").replace("license: unknown", "license: [mit, cc0-1.0]")
    card.write_text(text, encoding="utf-8")
    shipment = pack(folder)
    assert shipment.license == "mit, cc0-1.0"
    assert shipment.files["README.md"] == (len(text.encode()), hash_file(card))


@pytest.mark.parametrize("split", ["recall", "transfer", "test"])
def test_held_out_rows_go_out_only_when_it_is_said(written: Any, split: str) -> None:
    folder = written(split=split)
    message = problem(folder)
    assert f"held-out exam rows ({split})" in message
    assert "training sets of later models" in message
    assert "--with-exams" in message
    assert pack(folder, with_exams=True).exams == (split,)
