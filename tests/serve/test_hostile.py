"""What hostile requests get: each line of the table in docs/how-to/serve.md that no other test shows."""

import json
from collections.abc import Iterator

import httpx
import pytest

from loresmith.recipe import ServeConfig
from loresmith.serve.access import Access
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.site import guard, templates
from tests.serve.librarian import Librarian, Site, heard, served, speak

PATHS = ["/ask", "/search", "/v1/chat/completions", "/v1/embeddings"]
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    desk = Desk(Librarian())
    app = create_api(desk, "papers")
    guard(app, Access(), ServeConfig(), desk.meter, templates(app))
    with served(app) as running:
        yield running
        assert httpx.get(f"{running.url}/healthz").status_code == 200  # it has outlived all of this


BODIES = {
    "nested": b"[" * 200_000,
    "broken UTF-8": b'{"question": "\xff\xfe"}',
    "no JSON": b"question=why",
    "half": b'{"question": "wh',
    "NaN": b'{"question": NaN, "input": NaN, "query": NaN}',
    "large number": b'{"query": "x", "k": 1' + b"0" * 4000 + b'e9, "question": 1, "input": 1' + b"0" * 5000 + b"}",
    "null": b"null",
    "empty": b"",
    "lone surrogate": rb'{"question": 1, "messages": [{"role": "user", "content": 1}], "input": "\ud800", "query": 1}',
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_means_nothing_is_refused_in_openai_s_shape(site: Site, path: str, name: str) -> None:
    answer = httpx.post(f"{site.url}{path}", content=BODIES[name], headers=JSON, timeout=20)
    if name == "lone surrogate" and path == "/v1/embeddings":
        assert answer.status_code == 200  # it is read as the character for what cannot be read
        return
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/ask", "/search", "/v1/chat/completions"])
def test_half_a_character_is_answered_or_refused_and_breaks_nothing(site: Site, path: str) -> None:
    body = rb'{"question": "a \ud800"}' if path == "/ask" else rb'{"query": "a \ud800"}'
    if path.startswith("/v1"):
        body = rb'{"messages": [{"role": "user", "content": "a \ud800"}]}'
    assert httpx.post(f"{site.url}{path}", content=body, headers=JSON, timeout=20).status_code in (200, 400)


def raw(site: Site, said: bytes) -> bytes:
    with speak(site, said) as opened:
        return heard(opened)


HEAD = b"POST /ask HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        HEAD + b"content-length: -5\r\n\r\n",
        HEAD + b"content-length: 5, 6\r\n\r\nabcdef",
        HEAD + b"transfer-encoding: gzip\r\n\r\nabc",
        HEAD + b"x: " + b"y" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        b"\x00" * 1000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx: a\r\n b\r\ny\r\n\r\n",
    ],
    ids=[
        "two lengths",
        "negative",
        "list of lengths",
        "unknown coding",
        "long header",
        "long path",
        "noise",
        "no colon",
    ],
)
def test_a_head_that_is_no_http_is_refused_and_the_connection_ended(site: Site, said: bytes) -> None:
    told = raw(site, said)
    assert told.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501", b"HTTP/1.1 431"))


def test_a_second_request_hidden_behind_the_first_is_not_mistaken_for_its_body(site: Site) -> None:
    smuggled = b"GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    both = HEAD + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled
    told = raw(site, both)
    assert told.startswith(b"HTTP/1.1 400")
    assert told.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/models/..%2f..%2fetc%2fpasswd"]
)
def test_a_path_that_climbs_finds_no_file(site: Site, path: str) -> None:
    told = raw(site, f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
    assert told.startswith(b"HTTP/1.1 404")
    assert b"root:" not in told


def test_a_conversation_of_a_thousand_turns_is_refused(site: Site) -> None:
    turns = [{"role": "user", "content": "x"}] * 1001
    answer = httpx.post(f"{site.url}/v1/chat/completions", content=json.dumps({"messages": turns}), headers=JSON)
    assert answer.status_code == 400
    assert "1000" in answer.json()["error"]["message"]


def test_a_websocket_is_not_spoken(site: Site) -> None:
    head = b"GET /ask HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n"
    told = raw(site, head + b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    assert not told.startswith(b"HTTP/1.1 101")
