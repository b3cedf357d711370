"""Time, rate, slow clients and other sites' pages, against a real server."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from loresmith.recipe import ServeConfig
from loresmith.serve import patience
from loresmith.serve.access import Access, Gate, House, Room
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk, Limits
from loresmith.serve.site import guard, templates
from tests.serve.librarian import Librarian, Site, heard, served, speak, wait_until
from tests.serve.test_keys import line, shows

ORIGIN = "https://notes.example.org"


def asks(stream: bool = False) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": "Why?"}], "stream": stream}


def guarded(librarian: Librarian, config: ServeConfig, access: Access | None = None) -> Iterator[Site]:
    desk = Desk(librarian, Limits(timeout_seconds=config.timeout_seconds))
    app = create_api(desk, "papers")
    guard(app, access or Access(), config, desk.meter, templates(app))
    with served(app) as running:
        yield running


@pytest.fixture
def hurried(librarian: Librarian) -> Iterator[Site]:
    yield from guarded(librarian, ServeConfig(timeout_seconds=0.3))


def test_an_answer_out_of_time_is_an_error_of_openai_s_shape_and_the_writer_stops(
    hurried: Site, librarian: Librarian
) -> None:
    librarian.pause.clear()
    late = httpx.post(f"{hurried.url}/v1/chat/completions", json=asks(), timeout=20)
    assert (late.status_code, late.json()["error"]["code"]) == (504, "timeout")
    assert "longer than 0.3 seconds" in late.json()["error"]["message"]
    librarian.pause.set()
    wait_until(lambda: librarian.streams_closed == 1)
    assert librarian.words_written <= 1
    assert httpx.post(f"{hurried.url}/ask", json={"question": "Again?"}, timeout=20).status_code == 200


def test_a_stream_out_of_time_ends_with_the_error(hurried: Site, librarian: Librarian) -> None:
    librarian.pause.clear()
    events = httpx.post(f"{hurried.url}/v1/chat/completions", json=asks(stream=True), timeout=20).text
    assert '"code": "timeout"' in events
    assert "[DONE]" not in events
    librarian.pause.set()
    wait_until(lambda: librarian.streams_closed == 1)


def test_who_waits_too_long_is_told_so_and_is_never_answered(hurried: Site, librarian: Librarian) -> None:
    librarian.embedding.clear()
    late = httpx.post(f"{hurried.url}/v1/embeddings", json={"input": "a"}, timeout=20)
    librarian.embedding.set()
    assert (late.status_code, late.json()["error"]["code"]) == (504, "timeout")


def test_a_client_that_sends_too_much_is_told_when_to_go_on_and_looking_is_free(librarian: Librarian) -> None:
    for site in guarded(librarian, ServeConfig(requests_per_minute=2)):
        statuses = [httpx.post(f"{site.url}/ask", json={"question": "Why?"}).status_code for _ in range(2)]
        refused = httpx.post(f"{site.url}/ask", json={"question": "Why?"})
        assert (statuses, refused.status_code) == ([200, 200], 429)
        assert 1 <= int(refused.headers["retry-after"]) <= 30
        assert refused.json()["error"] == {
            "message": f"Too many requests; send the next in {refused.headers['retry-after']} seconds.",
            "type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded",
        }  # fmt: skip
        assert httpx.get(f"{site.url}/v1/models").status_code == 200


def test_each_named_key_has_a_minute_of_its_own(librarian: Librarian, tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(line("ada", "key-of-ada") + line("ben", "key-of-ben"))
    for site in guarded(librarian, ServeConfig(requests_per_minute=1), Access(keys_file=keys)):
        url, body = f"{site.url}/search", {"query": "x"}
        codes = [
            httpx.post(url, json=body, headers=shows(key)).status_code
            for key in ("key-of-ada", "key-of-ada", "key-of-ben", "wrong")
        ]
        assert codes == [200, 429, 200, 401]


def test_other_sites_may_call_only_where_they_are_named(librarian: Librarian) -> None:
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    for site in guarded(librarian, ServeConfig(), Access(api_key="open-sesame")):
        closed = httpx.options(f"{site.url}/ask", headers=asked)
        assert "access-control-allow-origin" not in closed.headers
    for site in guarded(librarian, ServeConfig(cors_origins=(ORIGIN,)), Access(api_key="open-sesame")):
        opened = httpx.options(f"{site.url}/ask", headers=asked)
        assert (opened.status_code, opened.headers["access-control-allow-origin"]) == (200, ORIGIN)
        assert "access-control-allow-credentials" not in opened.headers
        stranger = httpx.options(f"{site.url}/ask", headers={**asked, "origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
        unknown = httpx.post(f"{site.url}/ask", json={"question": "Why?"}, headers={"origin": ORIGIN})
        assert unknown.status_code == 401


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, librarian: Librarian) -> Iterator[Site]:
    monkeypatch.setattr(patience.PatientProtocol, "head_seconds", 0.4)
    monkeypatch.setattr(patience.PatientProtocol, "stall_seconds", 0.4)
    app = create_api(Desk(librarian), "papers")

    @app.get("/long")
    async def long() -> str:
        return "x" * (32 << 20)

    app.add_middleware(Gate, house=House(room=Room(seconds=0.4)))
    with served(app) as running:
        yield running


@pytest.mark.parametrize("said", [b"", b"GET / HTT", b"GET /healthz HTTP/1.1\r\nhost: x\r\n", b"\x16\x03\x01"])
def test_a_head_that_never_ends_is_cut_off(impatient: Site, said: bytes) -> None:
    began = time.monotonic()
    with speak(impatient, said) as opened:
        assert b"200" not in heard(opened)
    assert time.monotonic() - began < 5


def test_drops_buy_no_more_time(impatient: Site) -> None:
    began = time.monotonic()
    with speak(impatient, b"GET /healthz HTTP/1.1\r\nhost: x\r\n") as opened, pytest.raises(OSError):
        while time.monotonic() - began < 5:
            opened.sendall(b"x-drop: 1\r\n")
            time.sleep(0.05)
    assert time.monotonic() - began < 5


def test_a_body_that_trickles_is_refused_in_time(impatient: Site, librarian: Librarian) -> None:
    head = b"POST /ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n"
    with speak(impatient, head + b'{"question"') as opened:
        told = heard(opened)
    assert told.startswith(b"HTTP/1.1 408")
    assert librarian.asked == []


def test_a_client_that_does_not_read_is_let_go(impatient: Site) -> None:
    with speak(impatient, b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n") as opened:
        time.sleep(1.2)
        assert len(heard(opened)) < 32 << 20


def test_a_patient_client_keeps_its_connection_through_a_slow_answer(impatient: Site, librarian: Librarian) -> None:
    librarian.pause.clear()
    with httpx.Client(base_url=impatient.url, timeout=20) as client:
        with client.stream("POST", "/v1/chat/completions", json=asks(stream=True)) as answer:
            time.sleep(0.7)
            librarian.pause.set()
            assert "[DONE]" in "".join(answer.iter_text())
        assert client.get("/healthz").status_code == 200


def test_behind_a_proxy_on_this_machine_its_client_s_address_counts(librarian: Librarian) -> None:
    for site in guarded(librarian, ServeConfig(requests_per_minute=1)):
        codes = [
            httpx.post(f"{site.url}/search", json={"query": "x"}, headers={"x-forwarded-for": address}).status_code
            for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
        ]
    assert codes == [200, 429, 200]
