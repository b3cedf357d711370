from collections.abc import Iterator

import httpx
import pytest
from fastapi import Depends, FastAPI

from loresmith.serve.faults import translate_faults
from loresmith.serve.same_origin import require_own_page
from tests.serve.librarian import Site, served

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    app = FastAPI()
    translate_faults(app)

    @app.post("/write", dependencies=[Depends(require_own_page)])
    def write() -> str:
        return "written"

    with served(app) as running:
        yield running


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"},
        {"content-type": "Application/JSON; charset=utf-8"},
    ],
)
def test_our_own_page_and_programs_may_write(site: Site, headers: dict[str, str]) -> None:
    assert httpx.post(f"{site.url}/write", headers=JSON | headers).status_code == 200


def test_an_older_browser_is_known_by_where_it_says_it_comes_from(site: Site) -> None:
    assert httpx.post(f"{site.url}/write", headers=JSON | {"origin": site.url}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_a_page_elsewhere_may_not(site: Site, headers: dict[str, str]) -> None:
    answer = httpx.post(f"{site.url}/write", headers=JSON | headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_origin")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_page_can_send_unasked_is_refused(site: Site, kind: str) -> None:
    answer = httpx.post(f"{site.url}/write", content=b"{}", headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "no_json")
