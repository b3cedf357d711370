"""What is kept, what is dropped and how that is told."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import NothingKept, PackageMissing, UserError
from loresmith.exchange.oasst import CIRCLE, REJECTED, REPEATED
from loresmith.exchange.reading import Collection, read, require_some
from tests.exchange.conftest import WriteRows

GOOD = {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}


def talk(*said: tuple[str, str]) -> dict[str, Any]:
    return {"conversations": [{"from": name, "value": text} for name, text in said]}


def message(name: str, text: str, role: str, **more: Any) -> dict[str, Any]:
    return {"message_id": name, "text": text, "role": role, **more}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (talk(("human", "Q"), ("gpt", " ")), "an empty answer"),
        (talk(("human", ""), ("gpt", "A")), "an empty question"),
        (talk(("human", "Q")), "a missing turn: the question at the end has no answer"),
        (talk(("gpt", "A"), ("human", "Q"), ("gpt", "A")), "a missing turn: it begins with an answer"),
        (talk(("human", "Q"), ("human", "Q"), ("gpt", "A")), "a missing turn: a question follows a question"),
        (talk(("human", "Q"), ("observation", "R"), ("gpt", "A")), "a missing turn: a tool result follows a question"),
        (talk(("human", "Q"), ("function_call", "now()"), ("gpt", "A")), "a tool call that is not JSON with a name"),
        (talk(("human", "Q"), ("gpt", "A"), ("system", "S")), "a system prompt in the middle of the conversation"),
        (talk(("human", "Q"), ("judge", "A")), "the unknown role 'judge'"),
        ({"conversations": []}, "no turns"),
        ({"conversations": "Q A"}, "the conversation is no list of messages"),
        ({**GOOD, "tools": "{"}, "a tool list that is not JSON"),
        (
            {**GOOD, "chosen": "A", "rejected": "B"},
            "a preference pair: two answers are compared, none is given to learn",
        ),
        ({"instruction": "Q", "output": "A"}, "no row of sharegpt: a row of alpaca"),
        (
            {"conversations": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "a message with image_url in it, which is not text",
        ),
    ],
)
def test_a_row_that_cannot_be_learned_from_is_dropped_with_its_reason_and_place(
    write_rows: WriteRows, row: dict[str, Any], reason: str
) -> None:
    path = write_rows([GOOD, row, GOOD])
    (account,) = read(path).accounts
    assert account.dropped == {reason: 1}
    assert account.first_dropped == {reason: f"{path}, line 2"}
    assert (account.rows, account.dialogues) == (3, 2)


def test_the_account_says_what_became_of_every_column(write_rows: WriteRows) -> None:
    rows = [{"instruction": "Q", "input": "", "output": "A", "topic": "x", "vector": [1], "text": "Q A", "id": 7}]
    collection = read(write_rows(rows))
    (account,) = collection.accounts
    assert account.columns == {
        "instruction": "question",
        "input": "question, below the instruction",
        "output": "answer",
        "topic": "kept beside",
        "vector": "left out",
        "text": "left out",
        "id": "id",
    }
    (dialogue,) = collection.dialogues
    assert (dialogue.id, dialogue.aside) == ("7", {"topic": "x"})


def test_keys_of_messages_that_are_not_read_are_noted(write_rows: WriteRows) -> None:
    row = {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A", "weight": 0}]}
    (account,) = read(write_rows([row])).accounts
    assert account.notes == {"the key 'weight' of messages is left out": 1}


def test_notes_count_rows_that_were_kept_and_no_others(write_rows: WriteRows) -> None:
    row = {"messages": [{"role": "user", "content": "Q", "weight": 0}]}
    (account,) = read(write_rows([row])).accounts
    assert account.dropped_count == 1
    assert account.notes == {}


def test_a_note_on_a_row_stays_when_a_part_of_the_row_is_kept(write_rows: WriteRows) -> None:
    replies = [message("2", " ", "assistant"), message("3", "A", "assistant")]
    rude = message("4", "Rude", "assistant", review_result=False)
    tree = {"message_tree_id": "t", "prompt": {**message("1", "Q", "prompter"), "replies": [*replies, rude]}}
    (account,) = read(write_rows([tree])).accounts
    assert account.dropped == {"an empty answer": 1}
    assert account.notes == {REJECTED: 1}


def test_flat_messages_of_a_tree_give_the_conversations_of_the_tree(write_rows: WriteRows) -> None:
    rows = [
        {"message_id": "2", "parent_id": "1", "text": "A", "role": "assistant", "lang": "en"},
        {"message_id": "1", "parent_id": None, "text": "Q", "role": "prompter", "lang": "en"},
        {"message_id": "9", "parent_id": "gone", "text": "A", "role": "assistant", "lang": "en"},
    ]
    collection = read(write_rows(rows))
    assert [[turn.text for turn in dialogue.turns] for dialogue in collection.dialogues] == [["Q", "A"]]
    assert collection.accounts[0].dropped == {"a missing turn: it begins with an answer": 1}


def test_a_first_question_without_a_parent_key_and_a_foreign_row_do_not_stop_flat_trees(write_rows: WriteRows) -> None:
    path = write_rows([
        message("1", "Q", "prompter"),
        message("2", "A", "assistant", parent_id="1"),
        message("3", "A2", "assistant", parent_id="1"),
        {"instruction": "Q", "output": "A"},
    ])  # fmt: skip
    collection = read(path)
    assert [dialogue.turns[-1].text for dialogue in collection.dialogues] == ["A", "A2"]
    assert collection.accounts[0].first_dropped == {"no row of oasst: a row of alpaca": f"{path}, line 4"}


def test_messages_that_no_tree_reaches_are_dropped_with_their_reason_and_place(write_rows: WriteRows) -> None:
    path = write_rows([
        message("1", "Q", "prompter", parent_id="2"),
        message("2", "A", "assistant", parent_id="1"),
        message("3", "Q", "prompter", parent_id="3"),
        message("3", "A", "assistant", parent_id="3"),
    ])  # fmt: skip
    collection = read(path)
    assert collection.accounts[0].dropped == {CIRCLE: 3, REPEATED: 1}
    assert collection.accounts[0].first_dropped == {CIRCLE: f"{path}, line 1", REPEATED: f"{path}, line 4"}
    with pytest.raises(NothingKept, match="earlier one"):
        require_some(collection, path)


def test_a_thread_of_more_replies_than_can_be_followed_is_dropped(write_rows: WriteRows) -> None:
    replies = [message(str(number), "A", "assistant", parent_id=str(number - 1)) for number in range(1, 1200)]
    (account,) = read(write_rows([message("0", "Q", "prompter", parent_id=None), *replies])).accounts
    assert account.dropped == {"it is nested too deeply to be read": 1}


def test_a_source_without_any_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingKept, match="saved holds no rows"):
        require_some(Collection({}, (), ()), tmp_path / "saved")


@pytest.mark.parametrize("row", [
    {"instruction": "Q", "output": "A", "history": 3},
    {"message_tree_id": "t", "prompt": {"text": "Q", "role": "prompter", "replies": 3}},
])  # fmt: skip
def test_a_number_where_a_list_belongs_costs_that_row_alone(write_rows: WriteRows, row: dict[str, Any]) -> None:
    (account,) = read(write_rows([row])).accounts
    assert (account.rows, account.dropped_count) == (1, 1)
    assert "no list of" in next(iter(account.dropped))


def test_a_file_of_preferences_alone_is_named_and_nothing_is_kept(write_rows: WriteRows) -> None:
    path = write_rows([{"prompt": "Q", "chosen": "A", "rejected": "B"}])
    with pytest.raises(NothingKept, match=r"rows\.jsonl, line 1: a preference pair"):
        require_some(read(path), path)


def test_the_format_that_was_told_is_taken(write_rows: WriteRows) -> None:
    path = write_rows([{"instruction": "Q", "output": "A", "response": "B"}])
    assert read(path).dialogues[0].turns[1].text == "A"
    assert read(path, "dolly").dialogues[0].turns[1].text == "B"
    with pytest.raises(UserError, match="no format 'preference'"):
        read(path, "preference")


def test_splits_come_from_the_names_of_files_and_folders(write_rows: WriteRows, tmp_path: Path) -> None:
    write_rows([GOOD], "hub/data/train-00000-of-00001.jsonl")
    write_rows([GOOD, GOOD], "hub/data/validation.json")
    write_rows([GOOD] * 3, "hub/test/part.jsonl")
    write_rows([{"a": 1}], "hub/dataset_info.json")
    write_rows([{"a": 1}], "hub/.cache/x.jsonl")
    splits = read(tmp_path / "hub").splits
    assert {name: len(rows) for name, rows in splits.items()} == {"train": 1, "validation": 2, "test": 3}


def test_csv_cells_with_commas_quotes_and_line_breaks_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('instruction,input,output\n"Say ""hi"", please","a\nb",Hi\n', encoding="utf-8")
    assert [turn.text for turn in read(path).dialogues[0].turns] == ['Say "hi", please\na\nb', "Hi"]


def test_json_lines_under_the_suffix_json_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}\n", encoding="utf-8")
    assert len(read(path).dialogues) == 2


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.jsonl", '{"prompt": "Q", "completion": "A"}\n\n{"prompt": ', r"a\.jsonl, line 3 is not JSON"),
        ("a.jsonl", '["Q", "A"]\n', r"a\.jsonl, line 1 is no object but list"),
        ("a.json", '[\n{"prompt": }\n]', r"a\.json, line 2 is not JSON"),
        ("a.csv", "prompt,completion\nQ,A,B\n", r"a\.csv, line 2 has more cells than the header"),
        ("a.csv", 'prompt,completion\nQ,"A" B\n', r"a\.csv, line 2 is not CSV"),
        ("a.jsonl", "", r"a\.jsonl holds no rows"),
        ("a.bin", "x", r"a\.bin is no file of rows"),
    ],
)
def test_a_damaged_file_is_an_error_with_its_line(tmp_path: Path, name: str, content: str, problem: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=problem):
        read(tmp_path / name)


def test_bytes_that_are_not_utf8_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"prompt": "\xff"}')
    with pytest.raises(UserError, match="is not UTF-8"):
        read(tmp_path / "a.jsonl")


def test_a_source_that_is_not_there_or_holds_no_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is nothing at"):
        read(tmp_path / "gone")
    with pytest.raises(UserError, match="holds no file of rows"):
        read(tmp_path)


def test_parquet_of_sharegpt_rows_is_read_with_its_side_columns(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").Table.from_pylist([{**GOOD, "source": "notes", "score": 5.25}])
    (tmp_path / "data").mkdir()
    parquet.write_table(table, tmp_path / "data" / "train-00000-of-00001.parquet")
    (dialogue,) = read(tmp_path).splits["train"]
    assert [turn.text for turn in dialogue.turns] == ["Q", "A"]
    assert dialogue.aside == {"source": "notes", "score": "5.25"}


def test_a_file_that_is_no_parquet_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "a.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(UserError, match="is no Parquet file"):
        read(tmp_path / "a.parquet")


def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("pyarrow", "datasets"):
        monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "a.parquet").write_bytes(b"")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "state.json").write_text("{}")
    for source in (tmp_path / "a.parquet", tmp_path / "saved"):
        with pytest.raises(PackageMissing) as caught:
            read(source)
        assert caught.value.next_step == "pip install 'loresmith[datasets]'"
