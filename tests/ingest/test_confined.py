"""A file that misbehaves costs itself, never the run."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from loresmith.errors import Unreadable
from loresmith.ingest.confined import ConfinedReader, Limits


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("A note.\n", encoding="utf-8")
    return path


@pytest.fixture
def reader() -> Iterator[ConfinedReader]:
    with ConfinedReader(Limits(seconds=30, memory_mb=512)) as confined:
        yield confined


def test_a_file_is_read_in_another_process(reader: ConfinedReader, note: Path) -> None:
    kind, reading = reader.read(note)
    assert (kind, reading.markdown) == ("text", "A note.\n")
    assert reader._child is not None
    assert reader._child.pid != os.getpid()


@pytest.mark.parametrize(("headers", "first"), [("joined", "Model | Test A | Test B"), ("rows", " | Test | Test")])
def test_the_child_reads_headers_as_it_is_told(headers: str, first: str, write_pdf: Callable[..., Path]) -> None:
    cells = [
        (80, 125, "Model"),
        (200, 125, "A"),
        (280, 125, "B"),
        (80, 143, "Base"),
        (200, 143, "9.3"),
        (280, 143, "7.1"),
    ]
    cells += [(80, 156, "Tuned"), (200, 156, "63.6"), (280, 156, "80.0"), (230, 111, "Test")]
    words = "\n".join(f"{x} {y} 10 regular {text}" for x, y, text in cells)
    rules = "rule 76 310 100\nrule 196 310 114\nrule 76 310 130\nrule 76 310 165"
    with ConfinedReader(Limits(seconds=30, memory_mb=512), table_headers=headers) as reader:
        _, reading = reader.read(write_pdf(f"{words}\n{rules}"))
    assert first in reading.markdown.splitlines()[2]


def test_a_suffix_without_a_reader_is_a_reason(reader: ConfinedReader, tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text("text", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"no reader for \.xyz"):
        reader.read(tmp_path / "a.xyz")


def test_a_crash_is_a_reason_and_the_next_file_is_read(reader: ConfinedReader, note: Path) -> None:
    reader.read(note)
    assert reader._child is not None
    os.kill(reader._child.pid, signal.SIGSEGV)
    with pytest.raises(Unreadable, match="crashed on it"):
        reader.read(note)
    assert reader.read(note)[1].title == "A note."


def test_a_file_that_takes_too_long_is_set_aside(note: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow.html"
    slow.write_text("<table>" + "<tr><td>x</td></tr>" * 200_000 + "</table>", encoding="utf-8")
    with ConfinedReader(Limits(seconds=0.2, memory_mb=1024)) as reader:
        reader.read(note)
        with pytest.raises(Unreadable, match=r"more than 0\.2 seconds"):
            reader.read(slow)
        assert reader.read(note)[0] == "text"


def test_a_file_that_needs_too_much_memory_is_set_aside(note: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b"word " * (24 << 20))
    with ConfinedReader(Limits(seconds=60, memory_mb=128)) as reader:
        with pytest.raises(Unreadable, match="128 MB of memory"):
            reader.read(large)
        assert reader.read(note)[0] == "text"


def test_stopping_leaves_no_process_behind(note: Path) -> None:
    with ConfinedReader(Limits(seconds=30, memory_mb=512)) as reader:
        reader.read(note)
        assert reader._child is not None
        number = reader._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_program_that_the_child_started_ends_with_it(
    note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = tmp_path / "ticks"
    slow = tmp_path / "tesseract"
    slow.write_text(f"#!/bin/sh\nwhile :; do echo tick >> {ticks}; sleep 0.05; done\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    Image.new("L", (400, 400), 255).save(tmp_path / "scan.pdf", resolution=50)
    with ConfinedReader(Limits(seconds=4, memory_mb=512)) as reader:
        reader.read(note)
        with pytest.raises(Unreadable, match="more than 4 seconds"):
            reader.read(tmp_path / "scan.pdf")
    counted = ticks.stat().st_size
    time.sleep(0.5)
    assert counted == ticks.stat().st_size > 0


def test_no_file_of_the_folder_that_one_stands_in_runs_as_code(
    reader: ConfinedReader, note: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = tmp_path / "papers"
    hostile.mkdir()
    mark = "from pathlib import Path\nPath(__file__).with_name('ran').touch()\nprint('1 2')\n"
    for name in ("re", "json", "loresmith"):
        (hostile / f"{name}.py").write_text(mark, encoding="utf-8")
    monkeypatch.chdir(hostile)
    assert reader.read(note)[1].markdown == "A note.\n"
    assert not (hostile / "ran").exists()


def test_an_answer_that_is_none_is_a_reason_and_the_next_file_is_read(reader: ConfinedReader, note: Path) -> None:
    reader.read(note)
    reader._answers.put("1 2\n")
    with pytest.raises(Unreadable, match="no answer that could be understood"):
        reader.read(note)
    assert reader.read(note)[1].title == "A note."
