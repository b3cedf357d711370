"""Which rows files hold, whatever lies in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import UserError
from loresmith.exchange.files import portions
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import read
from tests.exchange.conftest import WriteRows

ROW = {"prompt": "Q", "completion": "A"}


def saved(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl"])
def test_half_a_surrogate_pair_becomes_a_mark_and_the_rest_of_the_text_stays(tmp_path: Path, name: str) -> None:
    escaped = r"""{"prompt": "Q \ud83d!", "completion": "A \ud83d\ude00", "no\udc00te": "x"}"""
    (tmp_path / name).write_text(escaped + "\n", encoding="utf-8")
    collection = read(tmp_path / name)
    assert [turn.text for turn in collection.dialogues[0].turns] == ["Q \ufffd!", "A \U0001f600"]
    outcome = hand_over(collection, target_named("messages"), tmp_path / "out", Label("Made for a test."))
    assert outcome.written == {"train": 1}


def test_half_a_surrogate_pair_in_the_arguments_of_a_call_becomes_a_mark(write_rows: WriteRows) -> None:
    call = {"function": {"name": "f", "arguments": r'{"x": "\ud83d"}'}, "type": "function"}
    said = [{"role": "user", "content": "Q"}, {"role": "assistant", "tool_calls": [call]}]
    answered = [{"role": "tool", "content": "1"}, {"role": "assistant", "content": "A"}]
    (dialogue,) = read(write_rows([{"messages": said + answered}])).dialogues
    assert dialogue.turns[1].text == '{"name": "f", "arguments": {"x": "\ufffd"}}'


def test_each_list_of_a_json_object_is_a_portion_of_the_split_that_it_names(tmp_path: Path) -> None:
    path = saved(tmp_path / "validation.json", {"data": [ROW], "train": [ROW] * 2, "Test": [ROW] * 3, "dev": []})
    found = {portion.split: len(portion.rows) for portion in portions(path)}
    assert found == {"validation": 1, "train": 2, "test": 3}
    assert [portion.rows[0].place for portion in portions(path)][1] == f"{path}, train row 1"


def test_a_list_under_an_unknown_key_beside_rows_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "rows.json", {"version": [1, 0], "train": [ROW], "extra": [ROW]})
    with pytest.raises(UserError, match="lists objects under extra, beside the rows under train"):
        list(portions(path))


def test_a_single_row_with_lists_in_it_stays_one_row(tmp_path: Path) -> None:
    path = saved(tmp_path / "rows.json", {"messages": [{"role": "user", "content": "Q"}]})
    (portion,) = portions(path)
    assert len(portion.rows) == 1


def test_a_csv_cell_longer_than_the_limit_of_the_csv_module_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("prompt,completion\nQ," + "a" * 200_000 + "\n", encoding="utf-8")
    assert len(read(path).dialogues[0].turns[1].text) == 200_000


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl"])
def test_json_that_is_nested_too_deeply_is_an_error_with_its_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"prompt": ' + "[" * 100_000 + "]" * 100_000 + "}\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 1 is not JSON: nested too deeply"):
        read(tmp_path / name)


def test_tools_that_are_nested_too_deeply_cost_their_row_alone(write_rows: WriteRows) -> None:
    said = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    deep = {"messages": said, "tools": "[" * 100_000 + "]" * 100_000}
    (account,) = read(write_rows([deep, {"messages": said}])).accounts
    assert (account.dialogues, account.dropped) == (1, {"it is nested too deeply to be read": 1})


def test_what_arrow_says_of_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([ROW]), path, compression="snappy")
    snappy, lzo = b"\x06prompt\x15\x02", b"\x06prompt\x15\x06"  # column name, then the codec
    path.write_bytes(path.read_bytes().replace(snappy, lzo))
    with pytest.raises(UserError, match=r"rows\.parquet cannot be read: .*LZO"):
        read(path)


def test_the_splits_of_a_saved_folder_have_the_names_that_other_files_give_them(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_list([ROW])
    datasets.DatasetDict({"dev": rows, "hard-2.1": rows}).save_to_disk(str(tmp_path / "saved"))
    assert [portion.split for portion in portions(tmp_path / "saved")] == ["validation", "hard-2.1"]


def test_a_saved_folder_cannot_name_a_split_outside_of_the_target(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.DatasetDict({"x": datasets.Dataset.from_list([ROW])}).save_to_disk(str(tmp_path / "a" / "saved"))
    (tmp_path / "a" / "saved" / "x").rename(tmp_path / "a" / "x")
    saved(tmp_path / "a" / "saved" / "dataset_dict.json", {"splits": ["../x"]})
    with pytest.raises(UserError, match=r"a split named '\.\./x'"):
        read(tmp_path / "a" / "saved")
