from pathlib import Path

import pytest

from loresmith.errors import MachineError
from loresmith.models.endpoint.journal import Journal, key_of


def test_what_was_added_is_there_for_the_next_process(tmp_path: Path) -> None:
    Journal(tmp_path / "new").add("a", 'line\nbreak "and" ü \ud800')
    assert Journal(tmp_path / "new").answer("a") == 'line\nbreak "and" ü ?'
    assert Journal(tmp_path / "new").answer("b") is None


@pytest.mark.parametrize("torn", [b'{"key": "b", "bo', b'{"key": "b", "body": "x\xc3', b"\x00\x00\x00", b"[1]", b"7"])
def test_a_torn_line_costs_itself_and_no_other(tmp_path: Path, torn: bytes) -> None:
    Journal(tmp_path).add("a", "first")
    with (tmp_path / "answers.jsonl").open("ab") as file:
        file.write(torn)
    Journal(tmp_path).add("c", "third")
    again = Journal(tmp_path)
    assert (again.answer("a"), again.answer("b"), again.answer("c")) == ("first", None, "third")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError):
        Journal(tmp_path / "file")


def test_the_key_follows_everything_that_decides_an_answer() -> None:
    asked = [{"role": "user", "content": "x"}]
    keys = {
        key_of("m", (1, None), asked, 0),
        key_of("n", (1, None), asked, 0),
        key_of("m", (2, None), asked, 0),
        key_of("m", (1, None), [{"role": "user", "content": "y"}], 0),
        key_of("m", (1, None), asked, 1),
    }
    assert len(keys) == 5
    assert key_of("m", (1, None), list(asked), 0) in keys
