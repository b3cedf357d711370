"""Uploads on their way into the index: one after the other in a thread, each with a state that a page can ask for."""

import asyncio
import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from loresmith.artifact import machine_error
from loresmith.errors import Interrupted, LoresmithError
from loresmith.pipeline import Project
from loresmith.pipeline.additions import Added, add, remove
from loresmith.progress import finish
from loresmith.records import Progress
from loresmith.serve.documents.originals import has_room
from loresmith.serve.documents.outline import outline_of
from loresmith.serve.faults import Refused
from loresmith.serve.memory import Memory

AT_ONCE = 2
"""Files that come in at the same time: who sends slowly holds no more than these places."""
MOST_WAITING = 20
MOST_UPLOADS = 1_000
"""Files in a project's `uploads/`."""
MOST_JOBS = 500
LANDING = ".uploads.partial"
"""Folder in a project for files that are still coming in."""
DOING = {"ingest": "reading", "chunk": "cutting into passages", "index": "making it searchable"}


@dataclass
class Job:
    """One file on its way, as the page shows it."""

    id: str
    name: str
    state: Literal["waiting", "working", "done", "failed"] = "waiting"
    note: str = "waits for its turn"
    document: dict[str, object] = field(default_factory=dict)
    """What was understood, once it is done."""

    def told(self) -> dict[str, object]:
        """The state for a program."""
        return {"id": self.id, "name": self.name, "state": self.state, "note": self.note, "document": self.document}


class Intake:
    """Takes files into one project and has `renew` called after each change of its index."""

    def __init__(self, project: Project, renew: Callable[[], None]) -> None:
        self.project = project
        self._renew = renew
        self._jobs: Memory[Job] = Memory(MOST_JOBS)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="uploads")
        self._coming = 0
        self._waiting = 0
        self._is_closed = False

    def job(self, identity: str) -> Job | None:
        """The job called `identity`, one of the latest."""
        return self._jobs.get(identity)

    async def receive(self, name: str, pieces: AsyncIterator[bytes], size_bytes: int) -> Job:
        """A job for the file `name` once all its `pieces` are on the disk; `size_bytes` is the most that may come.

        Raises:
            Refused: too many come or wait, or no room is left.
            MachineError: the disk refused it.
        """
        async with self._place(size_bytes):
            landed = await self._landed(pieces)
        job = Job(uuid.uuid4().hex, name)
        self._jobs.keep(job.id, job)
        self._waiting += 1
        self._worker.submit(self._take, job, landed).add_done_callback(_log)
        return job

    async def delete(self, name: str) -> None:
        """The upload `name` is gone, also from the index. Raises as `additions.remove` does."""
        await asyncio.get_running_loop().run_in_executor(self._worker, self._remove, name)

    def close(self) -> None:
        """Drop what waits, and stop what is being read at its next step: the next run of the project reads it."""
        self._is_closed = True
        self._worker.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self.project.path / LANDING, ignore_errors=True)

    @asynccontextmanager
    async def _place(self, size_bytes: int) -> AsyncIterator[None]:
        uploads = self.project.path / "uploads"
        if self._coming >= AT_ONCE or self._waiting >= MOST_WAITING:
            raise Refused("Other files are still coming in; send this one again in a moment.", status=429, code="busy")
        if uploads.is_dir() and len(list(uploads.iterdir())) >= MOST_UPLOADS:
            raise Refused(f"The project holds {MOST_UPLOADS} uploads already.", status=507, code="full")
        if not has_room(self.project.path, size_bytes):
            raise Refused("The disk has no room for another document.", status=507, code="disk_full")
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    async def _landed(self, pieces: AsyncIterator[bytes]) -> Path:
        """The file on the disk; nothing of one that breaks off."""
        folder = self.project.path / LANDING
        try:
            folder.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder)
        except OSError as fault:
            raise machine_error(fault, folder) from fault
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                async for piece in pieces:
                    await asyncio.to_thread(file.write, piece)
        except OSError as fault:
            path.unlink(missing_ok=True)
            raise machine_error(fault, folder) from fault
        except BaseException:  # the client left, or sent too much or too slowly
            path.unlink(missing_ok=True)
            raise
        return path

    def _take(self, job: Job, landed: Path) -> None:
        self._waiting -= 1
        job.state = "working"
        try:
            with self.project.locked():
                added = finish(add(self.project, job.name, landed), lambda step: self._note(job, step))
            job.note = "opening the new index"
            self._renew()
            job.document, job.note, job.state = _understood(added), "can be asked about now", "done"
        except LoresmithError as fault:
            job.note, job.state = f"{fault.problem} {fault.next_step}", "failed"
        finally:
            landed.unlink(missing_ok=True)
            if job.state == "working":  # a bug: the traceback goes to the log, the page is told
                job.note, job.state = "The server failed on it; its log says why.", "failed"

    def _note(self, job: Job, step: Progress) -> None:
        if self._is_closed:
            raise Interrupted("The server is closing.", next_step="`loresmith run` reads the document.")
        share = f" {step.done}/{step.total}" if step.total else ""
        job.note = f"{DOING.get(step.stage, step.stage)}{share}"

    def _remove(self, name: str) -> None:
        with self.project.locked():
            finish(remove(self.project, name))
        self._renew()


def _log(work: "Future[None]") -> None:
    if not work.cancelled() and (fault := work.exception()) is not None:
        logging.getLogger(__name__).error("an upload failed", exc_info=fault)


def _understood(added: Added) -> dict[str, object]:
    document, outline = added.document, outline_of(added.document.text)
    return {
        "id": document.id,
        "source": document.source,
        "title": document.title,
        "pages": document.pages,
        "headings": outline.sections,
        "tables": outline.tables,
        "words": outline.words,
        "passages": added.passages,
    }
