"""Looking at documents over HTTP."""

from typing import Any

import httpx
import pytest

from tests.serve.librarian import Site

QUOTE = "The relief valve opens at 4 bar."


def get(site: Site, path: str, **asked: Any) -> httpx.Response:
    return httpx.get(f"{site.url}{path}", timeout=60, **asked)


@pytest.fixture(scope="module")
def passage(site: Site) -> dict[str, Any]:
    found = httpx.post(f"{site.url}/search", json={"query": "relief valve"}, timeout=60).json()
    first: dict[str, Any] = found["passages"][0]
    return first


def test_the_list_tells_what_was_understood_of_each_document(site: Site) -> None:
    shown = get(site, "/documents")
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    for part in ("The pump room", "pumps.md", "The boiler house", "<dt>Questions</dt>"):
        assert part in shown.text


def test_a_document_opens_at_its_passage_with_the_words_marked(site: Site, passage: dict[str, Any]) -> None:
    asked = {"quote": QUOTE, "chunk": passage["chunk"]}
    shown = get(site, f"/documents/{passage['document']}", params=asked).text
    assert '<mark id="passage" tabindex="-1">The relief valve opens at 4 bar</mark>' in shown
    missed = get(site, f"/documents/{passage['document']}", params={"quote": "Nobody wrote these words"}).text
    assert "<mark" not in missed
    assert "do not stand here in one piece" in missed


def test_a_script_in_a_document_is_none_in_its_view(site: Site) -> None:
    boilers = httpx.post(f"{site.url}/search", json={"query": "economiser flue gas"}, timeout=60).json()
    shown = get(site, f"/documents/{boilers['passages'][0]['document']}").text
    assert "An economiser is a heat exchanger" in shown
    assert "<script>alert" not in shown


def test_an_original_that_is_no_pdf_is_only_handed_out_as_a_file(site: Site, passage: dict[str, Any]) -> None:
    given = get(site, f"/documents/{passage['document']}/original")
    assert given.content.startswith(b"# The pump room")
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment")
    assert get(site, f"/documents/{passage['document']}/pages/1.jpg").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/documents/../../etc/passwd", "/documents/%2e%2e%2fproject.json", "/documents/0123456789abcdef", "/documents/x"],
)
def test_an_address_of_no_document_finds_nothing(site: Site, path: str) -> None:
    assert get(site, path).status_code in (400, 404)


def test_the_text_of_an_address_is_text(site: Site, passage: dict[str, Any]) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    shown = get(site, f"/documents/{passage['document']}", params={"quote": hostile}).text
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
