"""Files on their way in: slow, broken off, too many."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from loresmith.pipeline import Project
from loresmith.recipe import Recipe
from loresmith.serve.access import Gate, House, Room
from loresmith.serve.documents import intake as intakes
from loresmith.serve.documents.intake import LANDING, Intake
from loresmith.serve.documents.upload_routes import UPLOADS_PATH, upload_routes
from loresmith.serve.faults import Refused, translate_faults
from tests.serve.librarian import Site, heard, served, speak


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    made = Intake(Project(tmp_path, Recipe(name="x", documents=(str(tmp_path),))), lambda: None)
    yield made
    made.close()


@pytest.fixture
def site(intake: Intake) -> Iterator[Site]:
    app = FastAPI()
    translate_faults(app)
    app.include_router(upload_routes(intake, 1000))
    app.add_middleware(Gate, house=House(rooms={UPLOADS_PATH: Room(1000, 0.4)}))
    with served(app) as running:
        yield running


HEAD = b"POST /documents/uploads?name=a.md HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n"


def landed(intake: Intake) -> list[Path]:
    return list((intake.project.path / LANDING).glob("*"))


def test_a_file_that_comes_by_drops_is_cut_off_and_nothing_of_it_stays(site: Site, intake: Intake) -> None:
    with speak(site, HEAD + b"content-length: 900\r\n\r\nabc") as opened:
        assert b" 408 " in heard(opened)
    assert landed(intake) == []


def test_a_file_that_breaks_off_leaves_nothing(site: Site, intake: Intake) -> None:
    with speak(site, HEAD + b"content-length: 900\r\n\r\nabc"):
        pass
    assert httpx.get(f"{site.url}{UPLOADS_PATH}/none", timeout=10).status_code == 404
    assert landed(intake) == []


def test_no_more_than_two_files_come_in_at_once(intake: Intake) -> None:
    async def slow(gate: asyncio.Event) -> AsyncIterator[bytes]:
        await gate.wait()
        raise Refused("gone")
        yield b""

    async def three() -> list[object]:
        gate = asyncio.Event()
        coming = [asyncio.create_task(intake.receive(f"{n}.md", slow(gate), 10)) for n in range(intakes.AT_ONCE)]
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="still coming in") as full:
            await intake.receive("third.md", slow(gate), 10)
        gate.set()
        await asyncio.gather(*coming, return_exceptions=True)
        return [full.value.status, landed(intake)]

    assert asyncio.run(three()) == [429, []]


def test_a_project_that_cannot_take_the_file_says_why_in_the_job(intake: Intake) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"# A"

    async def told() -> str:
        job = await intake.receive("a.md", pieces(), 10)
        while job.state != "failed":
            await asyncio.sleep(0.01)
        return job.note

    assert "loresmith ingest" in asyncio.run(asyncio.wait_for(told(), 30))
    assert landed(intake) == []
