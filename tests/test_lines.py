from pathlib import Path

import pytest

from loresmith.errors import MachineError
from loresmith.lines import append_line, records_in
from loresmith.records import Record


class Note(Record):
    words: str


def test_what_was_added_is_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    for words in ("one", "two"):
        append_line(path, Note(words=words).model_dump_json().encode())
    assert [note.words for note in records_in(path, Note)] == ["one", "two"]
    assert list(records_in(tmp_path / "none.jsonl", Note)) == []


@pytest.mark.parametrize("torn", [b'{"words": "o', b'{"words": "caf\xc3', b"{}"])
def test_a_torn_line_is_passed_over_and_the_next_begins_anew(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_bytes(b'{"words": "before"}\n' + torn)
    append_line(path, b'{"words": "after"}')
    assert [note.words for note in records_in(path, Note)] == ["before", "after"]
    assert path.read_bytes().endswith(torn + b'\n{"words": "after"}\n')


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="notes"):
        append_line(tmp_path / "nowhere" / "notes.jsonl", b"{}")
