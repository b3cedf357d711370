"""Ingest: source files → `rows.jsonl` of `Document`s as Markdown, and `dropped.jsonl` of what cannot be read, and why.

Each file is read in a child process under a time and a memory limit, two at a time, and written in the order of names,
so that the same files give the same rows. What the artifact before this one read from the same bytes is not read again.
Where a LaTeX source and its PDF lie side by side, the source is read and the
PDF set aside. Nothing heavy is imported here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loresmith import artifact, plugins
from loresmith.artifact import Artifact, Draft, Plan
from loresmith.errors import LoresmithError, NothingKept, Unreadable
from loresmith.progress import Work
from loresmith.recipe import IngestConfig
from loresmith.records import Document, Progress

if TYPE_CHECKING:
    from loresmith.ingest.confined import ConfinedReader

WORKERS = 2
"""Files read at the same time. Each may take as much memory as the configuration allows one file."""


def run(plan: Plan, target: Path, sources: Mapping[str, Path]) -> Work[Artifact]:
    """Read every file of `sources` (name in the project → path) into the artifact `target`.

    Raises:
        NothingKept: not one file could be read; says which reasons there were.
    """
    config = plan.settings
    if not isinstance(config, IngestConfig):
        raise LoresmithError("ingest was planned with other settings than its own.", next_step="Report this bug.")
    check_reader(config.reader)
    from loresmith.ingest.earlier import read_earlier

    names = sorted(sources)
    known = read_earlier(target, plan)
    with artifact.create(target, plan) as draft:
        yield Progress(stage="ingest", done=0, total=len(names))
        outcomes = _outcomes([(name, sources[name]) for name in names], config, plan.inputs, known)
        silent_pages: dict[str, list[int]] = {}
        replaced: dict[str, str] = {}
        for done, (name, outcome) in enumerate(outcomes, 1):
            if isinstance(outcome, Document):
                draft.keep(outcome)
                if empty := _pages_without_text(outcome):
                    silent_pages[name] = empty
                note = name
            else:
                reason = outcome.reason if isinstance(outcome, _Replaced) else outcome
                if isinstance(outcome, _Replaced):
                    replaced[name] = outcome.source
                draft.drop({"source": name}, reason)
                note = f"{name} set aside: {reason}"
            yield Progress(stage="ingest", done=done, total=len(names), note=note)
        if replaced:
            draft.notes["read_from_source"] = replaced
        _close(draft, names, silent_pages)
    return artifact.read(target, made_by="ingest")


_PART_OF_SOURCE = "part of a LaTeX document that is read as a whole"


@dataclass(frozen=True)
class _Replaced:
    """A file that says the same as `source`, which is read instead."""

    source: str
    reason: str


def check_reader(name: str) -> None:
    """Nothing is wrong with the reader that the recipe names; asked before any file is opened.

    Raises:
        UserError: no plug-in has the name.
        MachineError: it misses a package, or its models.
    """
    from loresmith.ingest.confined import AUTO

    if name != AUTO:
        plugins.load(plugins.READERS, name)()


def _close(draft: Draft, names: Sequence[str], silent_pages: Mapping[str, list[int]]) -> None:
    draft.balance(len(names))
    if silent_pages:
        draft.notes["pages_without_text"] = dict(silent_pages)
    if not draft.counts.get("kept"):
        reasons = "; ".join(f"{reason} ({count})" for reason, count in Counter(draft.reasons).most_common(5))
        raise NothingKept(
            f"None of the {len(names)} files could be read: {reasons}.",
            next_step="Add documents with text (PDF, DOCX, PPTX, XLSX, EPUB, HTML, TeX), or check `ingest.include`.",
        )


def _outcomes(
    files: Sequence[tuple[str, Path]], config: IngestConfig, hashes: Mapping[str, str], known: Mapping[str, Document]
) -> Iterator[tuple[str, Document | _Replaced | str]]:
    """(name, document or the reason why there is none) of each file, in the order of `files`; `known` were read."""
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    from loresmith.ingest.confined import ConfinedReader, Limits
    from loresmith.ingest.source_pairs import is_print, parts_of_sources, prints_of_sources

    limits = Limits(config.seconds_per_file, config.memory_per_file_mb)
    readers = [ConfinedReader(limits, config.reader, config.table_headers) for _ in range(min(WORKERS, len(files)))]
    idle: SimpleQueue[ConfinedReader] = SimpleQueue()
    for each in readers:
        idle.put(each)

    def read(name: str, path: Path) -> Document | str:
        if name in known:
            return known[name]
        reader = idle.get()
        try:
            return _document(reader, name, path, hashes.get(name))
        except Unreadable as fault:
            return fault.reason
        finally:
            idle.put(reader)

    parts = parts_of_sources(dict(files))
    prints = prints_of_sources(dict(files), parts)
    pool = ThreadPoolExecutor(max_workers=max(1, len(readers)))
    try:
        pending = {name: pool.submit(read, name, path) for name, path in files if name not in parts}
        for name, path in files:
            if name in parts:
                is_read = isinstance(pending[parts[name]].result(), Document)
                yield name, _Replaced(parts[name], _PART_OF_SOURCE) if is_read else read(name, path)
                continue
            outcome = pending[name].result()
            source = pending[prints[name]].result() if name in prints else None
            if isinstance(outcome, Document) and isinstance(source, Document) and is_print(outcome, source):
                yield name, _Replaced(source.source, "its LaTeX source is read instead")
            else:
                yield name, outcome
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for each in readers:
            each.stop()


def _document(reader: "ConfinedReader", name: str, path: Path, known_hash: str | None) -> Document:
    sha256 = known_hash or artifact.hash_file(path)
    kind, reading = reader.read(path)
    return Document(
        id=sha256[:16],
        source=name,
        title=reading.title,
        format=kind,
        pages=reading.pages,
        sha256=sha256,
        text=reading.markdown,
    )


def _pages_without_text(document: Document) -> list[int]:
    """Pages whose mark is followed by nothing: blank, a picture, or a scan."""
    pages: list[int] = []
    current: int | None = None
    for line in [*document.text.splitlines(), "<!-- page 0 -->"]:
        if line.startswith("<!-- page ") and line.endswith(" -->") and document.pages:
            if current is not None:
                pages.append(current)
            current = int(line[len("<!-- page ") : -len(" -->")])
        elif line.strip():
            current = None
    return pages
