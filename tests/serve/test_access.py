from collections.abc import Iterator

import httpx
import pytest

from loresmith.errors import UserError
from loresmith.serve.access import LARGEST_BODY_BYTES, Gate, House, Key, is_loopback, own_names, require_safe_address
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.signin import sign_in_routes
from tests.serve.librarian import Librarian, Site, served

SECRET = "open-sesame-42"
PATHS = ["/v1/models", "/openapi.json", "/anything"]


@pytest.fixture(scope="module")
def locked() -> Iterator[Site]:
    app = create_api(Desk(Librarian()), "papers")
    app.include_router(sign_in_routes(Key(SECRET), "papers & <more>"))
    app.add_middleware(Gate, house=House(key=Key(SECRET)))
    with served(app) as running:
        yield running


@pytest.fixture(scope="module")
def reader() -> Librarian:
    return Librarian()


@pytest.fixture(scope="module")
def local(reader: Librarian) -> Iterator[Site]:
    app = create_api(Desk(reader), "papers")
    app.add_middleware(Gate, house=House(hosts=own_names("127.0.0.1")))
    with served(app) as running:
        yield running


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", f"Basic {SECRET}", "Bearer öffne", SECRET])
def test_nothing_is_served_without_the_key(locked: Site, path: str, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header.encode()}
    answer = httpx.get(f"{locked.url}{path}", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"


def test_the_key_opens_and_health_needs_none(locked: Site) -> None:
    assert httpx.get(f"{locked.url}/v1/models", headers={"authorization": f"Bearer {SECRET}"}).status_code == 200
    assert httpx.get(f"{locked.url}/healthz").status_code == 200


def test_a_browser_is_sent_to_sign_in_and_gets_in_with_the_key_alone(locked: Site) -> None:
    with httpx.Client(base_url=locked.url, follow_redirects=True) as browser:
        asked = browser.get("/", headers={"accept": "text/html"})
        assert asked.url.path == "/sign-in"
        assert "papers &amp; &lt;more&gt;" in asked.text
        wrong = browser.post("/sign-in", data={"key": "wrong"})
        assert wrong.status_code == 401
        assert "That is not the key" in wrong.text
        assert browser.get("/v1/models").status_code == 401
        entered = browser.post("/sign-in", data={"key": SECRET}, follow_redirects=False)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert SECRET not in entered.headers["set-cookie"]
        assert browser.get("/v1/models").status_code == 200


def test_another_key_s_cookie_does_not_open(locked: Site) -> None:
    assert httpx.get(f"{locked.url}/v1/models", cookies={"loresmith": Key("other").cookie}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", ""])
def test_without_a_key_only_our_own_names_are_answered(local: Site, host: str) -> None:
    assert httpx.get(f"{local.url}/v1/models", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:7860", "[::1]:7860", "LOCALHOST"])
def test_our_own_names_are_answered(local: Site, host: str) -> None:
    assert httpx.get(f"{local.url}/v1/models", headers={"host": host}).status_code == 200


def test_a_long_body_is_refused_by_its_length(local: Site) -> None:
    answer = httpx.post(f"{local.url}/ask", content=b"x" * (LARGEST_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_a_long_body_is_refused_even_when_it_hides_its_length(local: Site, reader: Librarian) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(LARGEST_BODY_BYTES // 65536 + 1):
            yield b"x" * 65536

    answer = httpx.post(f"{local.url}/ask", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert reader.asked == []


def test_every_answer_keeps_the_browser_at_home(local: Site) -> None:
    headers = httpx.get(f"{local.url}/healthz").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
     ("192.168.1.4", False), ("::", False), ("example.org", False)],
)  # fmt: skip
def test_a_loopback_address_is_known_from_others(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_public_address_needs_a_key() -> None:
    with pytest.raises(UserError, match=r"0\.0\.0\.0 can be reached from other machines"):
        require_safe_address("0.0.0.0", None)
    require_safe_address("0.0.0.0", SECRET)
    require_safe_address("127.0.0.1", None)


@pytest.mark.parametrize("key", ["", "short"])
def test_a_key_that_can_be_guessed_is_refused(key: str) -> None:
    with pytest.raises(UserError, match="at least 8 are needed"):
        require_safe_address("127.0.0.1", key)
