"""A folder of files to an artifact of documents."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith import ingest
from loresmith.artifact import DROPPED, ROWS, Artifact, Plan, hash_file
from loresmith.errors import NothingKept
from loresmith.progress import finish
from loresmith.recipe import IngestConfig
from loresmith.records import Document, Progress

Run = Callable[..., Artifact]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def work(files: dict[str, bytes], target: str = "documents", report: list[Progress] | None = None) -> Artifact:
        sources: dict[str, Path] = {}
        for name, raw in files.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
            sources[name] = path
        plan = Plan("ingest", IngestConfig(), inputs={name: hash_file(path) for name, path in sources.items()})
        return finish(ingest.run(plan, tmp_path / target, sources), None if report is None else report.append)

    return work


FILES = {
    "b/notes.md": b"# Notes\n\nThe valve opens at four bar.\n",
    "a.txt": b"Plain text.\n",
    "page.html": b"<title>Page</title><h1>Page</h1><p>Text.</p>",
    "empty.pdf": b"",
    "image.md": b"\x89PNG\r\n\x1a\n",
    "tool.exe": b"MZ",
}


def test_documents_are_kept_in_the_order_of_their_names(run: Run) -> None:
    rows = list(run(FILES).rows(Document))
    assert [(row.source, row.format, row.title) for row in rows] == [
        ("a.txt", "text", "Plain text."),
        ("b/notes.md", "markdown", "Notes"),
        ("page.html", "html", "Page"),
    ]
    assert all(row.id == row.sha256[:16] for row in rows)


def test_what_cannot_be_read_is_set_aside_with_its_reason(run: Run) -> None:
    made = run(FILES)
    assert made.manifest.counts == {"read": 6, "kept": 3, "dropped": 3}
    assert made.manifest.reasons == {"empty file": 1, "binary content, not text": 1, "no reader for .exe": 1}
    assert '"source": "empty.pdf"' in (made / DROPPED).read_text(encoding="utf-8")


def test_the_same_files_give_the_same_bytes(run: Run) -> None:
    first, second = run(FILES), run(FILES, target="again")
    assert first.manifest.content == second.manifest.content
    assert (first / ROWS).read_bytes() == (second / ROWS).read_bytes()


def test_every_file_is_reported(run: Run) -> None:
    steps: list[Progress] = []
    run(FILES, report=steps)
    assert [step.done for step in steps] == list(range(7))
    assert {step.total for step in steps} == {6}
    assert "empty.pdf set aside: empty file" in [step.note for step in steps]


def test_no_readable_file_is_a_failure(run: Run) -> None:
    with pytest.raises(NothingKept) as fault:
        run({"empty.pdf": b"", "tool.exe": b"MZ"})
    assert "None of the 2 files could be read" in fault.value.problem
    assert "empty file (1)" in fault.value.problem


def test_pages_without_text_are_noted(run: Run) -> None:
    made = run({"two.txt": b"one\f\fthree"})
    assert made.manifest.notes == {"pages_without_text": {"two.txt": [2]}}


def test_importing_the_stage_loads_no_reader() -> None:
    import subprocess
    import sys

    heavy = (
        "import sys, loresmith.ingest; print([m for m in ('lxml', 'docx', 'pypdfium2', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
