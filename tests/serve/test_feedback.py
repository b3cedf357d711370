import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from loresmith.recipe import ServeConfig
from loresmith.serve.access import Access
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.feedback import FeedbackBook, Remark, RoomUsedUp, latest, remarks
from loresmith.serve.feedback_routes import FeedbackDesk, feedback_routes
from loresmith.serve.site import guard, templates
from tests.serve.librarian import QUOTE, Librarian, Site, served


def remark(answer: str, **more: object) -> Remark:
    told = {"answer": answer, "value": "up", "question": "Why?", "text": "So.", "at": "2026-11-27T00:00:00+00:00"}
    return Remark.model_validate({**told, **more})


@pytest.fixture
def site(librarian: Librarian, tmp_path: Path) -> Iterator[Site]:
    desk = Desk(librarian)
    app = create_api(desk, "papers")
    app.include_router(feedback_routes(FeedbackDesk(desk, FeedbackBook(tmp_path))))
    guard(app, Access(), ServeConfig(), desk.meter, templates(app))
    with served(app) as running:
        yield running


def test_a_thumb_is_kept_with_the_answer_that_it_is_about(site: Site, tmp_path: Path) -> None:
    with httpx.Client(base_url=site.url, timeout=20) as client:
        chat = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "What is rank?"}]})
        given = {"answer": chat.json()["id"], "value": "down", "correction": "Three.", "words": " Badly counted "}
        stored = client.post("/feedback", json=given)
        assert (stored.status_code, stored.json()["stored"]) == (201, True)
        asked = client.post("/ask", json={"question": "Why?"}).json()
        client.post("/feedback", json={"answer": asked["id"], "value": "up"})
    down, up = remarks(tmp_path)
    assert (down.value, down.question, down.text) == ("down", "What is rank?", "Two small matrices [1].")
    assert (down.correction, down.words, down.sources[0].quote) == ("Three.", "Badly counted", QUOTE)
    assert (up.value, up.correction) == ("up", None)


def test_a_streamed_answer_takes_a_thumb_under_the_id_of_its_pieces(site: Site, tmp_path: Path) -> None:
    body = {"messages": [{"role": "user", "content": "Why?"}], "stream": True}
    first = httpx.post(f"{site.url}/v1/chat/completions", json=body).text.split('"id": "')[1].split('"')[0]
    assert httpx.post(f"{site.url}/feedback", json={"answer": first, "value": "up"}).status_code == 201
    assert [one.answer for one in remarks(tmp_path)] == [first.removeprefix("chatcmpl-")]


def test_a_thumb_that_finds_no_room_is_refused_as_that(librarian: Librarian, tmp_path: Path) -> None:
    desk = Desk(librarian)
    app = create_api(desk, "papers")
    app.include_router(feedback_routes(FeedbackDesk(desk, FeedbackBook(tmp_path, megabytes=0))))
    with served(app) as site:
        asked = httpx.post(f"{site.url}/ask", json={"question": "Why?"}).json()
        refused = httpx.post(f"{site.url}/feedback", json={"answer": asked["id"], "value": "up"})
    assert refused.status_code == 507
    assert "serve.feedback_megabytes" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"answer": "chatcmpl-0", "value": "up"}, 404),
        ({"answer": "../../etc/passwd", "value": "up"}, 404),
        ({"answer": "x", "value": "sideways"}, 400),
        ({"answer": "x", "value": "up", "words": "x" * 4001}, 400),
        ({"value": "up"}, 400),
    ],
)
def test_what_is_about_no_answer_is_refused(site: Site, tmp_path: Path, body: dict[str, str], status: int) -> None:
    assert httpx.post(f"{site.url}/feedback", json=body).status_code == status
    assert list(remarks(tmp_path)) == []


def test_the_last_word_on_an_answer_counts(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path)
    for row in (remark("a"), remark("b"), remark("a", value="down")):
        book.add(row)
    assert {name: one.value for name, one in latest(tmp_path).items()} == {"a": "down", "b": "up"}


def test_a_line_that_a_dying_process_broke_costs_no_other(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path)
    book.add(remark("a"))
    with book.path.open("ab") as opened:
        opened.write(b'{"answer": "b", "val')
    book.add(remark("c"))
    assert [one.answer for one in remarks(tmp_path)] == ["a", "c"]


def test_when_the_room_is_used_up_more_is_refused_and_nothing_dropped(tmp_path: Path) -> None:
    book = FeedbackBook(tmp_path, megabytes=1)
    kept = 0
    with pytest.raises(RoomUsedUp, match="reached 1 MB"):
        for _ in range(200):
            book.add(remark("a", text="x" * 20_000))
            kept += 1
    assert len(list(remarks(tmp_path))) == kept > 40
    assert book.path.stat().st_size <= 1 << 20


KILLED = """
import sys
from pathlib import Path
from loresmith.serve.feedback import FeedbackBook, Remark
book = FeedbackBook(Path(sys.argv[1]))
for number in range(100_000):
    book.add(Remark(answer=str(number), value="up", question="Why?", text="x" * 3_000, at="now"))
    print(number, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert process.stdout is not None
    for _ in range(30):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    told = 30 + len(process.communicate(timeout=20)[0].splitlines())
    kept = [int(one.answer) for one in remarks(tmp_path)]
    assert kept[:told] == list(range(told))
    assert len(kept) <= told + 1
    FeedbackBook(tmp_path).add(remark("after"))
    assert [one.answer for one in remarks(tmp_path)][-1] == "after"
