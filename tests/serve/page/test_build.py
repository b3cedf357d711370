import os
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from loresmith.pipeline import Project
from loresmith.serve.access import Access
from loresmith.serve.expert import open_expert
from loresmith.serve.page.text import plain
from loresmith.serve.site import create_site
from tests.serve.librarian import Site


@pytest.fixture
def config(plant: Site) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{plant.url}/config", timeout=30).json()
    return answer


@pytest.fixture
def app(project: Project) -> Iterator[FastAPI]:
    expert = open_expert(project, "none")
    yield create_site(expert, Access())
    expert.close()


def test_no_handler_of_the_page_is_an_api(config: dict[str, Any], plant: Site) -> None:
    handlers = [entry for entry in config["dependencies"] if entry["backend_fn"]]
    assert len(handlers) > 8
    assert {entry["api_visibility"] for entry in handlers} == {"private"}
    assert httpx.get(f"{plant.url}/gradio_api/info", timeout=30).json()["named_endpoints"] == {}


PROGRAMS = {
    "GET /openapi.json", "GET /healthz", "GET /metrics", "POST /ask", "POST /search", "POST /feedback",
    "POST /v1/chat/completions", "POST /v1/embeddings", "GET /v1/models", "GET /v1/models/{model}",
    "GET /quiz", "POST /quiz", "GET /quiz/{name}", "DELETE /quiz/{name}", "POST /quiz/{name}/answer",
    "GET /quiz/{name}/export",
}  # fmt: skip
"""What programs may call: the API, on purpose, and described in docs/how-to/serve.md and study.md."""
OWN_PAGES = {
    "GET /report", "GET /paper.css", "GET /viewer.js", "GET /documents", "GET /documents/documents.css",
    "GET /documents/documents.js", "GET /documents/view.js", "GET /documents/{identity}",
    "GET /documents/{identity}/pages/{number}.jpg", "GET /documents/{identity}/original",
    "GET /documents/uploads/{identity}", "GET /monitor", "GET /monitor/monitor.css", "GET /monitor/monitor.js",
    "GET /review", "GET /review/review.css", "GET /review/review.js", "GET /blind/{name}", "GET /blind",
    "GET /blind/{name}/blind.css", "GET /blind/{name}/blind.js", "GET /blind/blind.css", "GET /blind/blind.js",
}  # fmt: skip
"""What a browser shows; none of it changes anything."""
OWN_WRITING = {
    "POST /review/decisions", "POST /blind/{name}/votes", "POST /documents/uploads", "DELETE /documents/uploads",
}  # fmt: skip
"""What our own pages send; each refuses a page elsewhere."""


def handlers(routes: Iterable[Any], lead: str = "") -> set[str]:
    """`METHOD /path` of every route that is no part of Gradio."""
    found = set()
    for route in routes:
        if isinstance(route, APIRoute | Route):
            path = lead + route.path
            found |= {f"{method} {path}" for method in route.methods or () if method not in ("HEAD", "OPTIONS")}
        elif not isinstance(route, Mount) and hasattr(route, "original_router"):
            found |= handlers(route.original_router.routes, lead + getattr(route.include_context, "prefix", ""))
    return found


def test_every_handler_of_the_site_is_public_on_purpose_or_one_of_our_pages(app: FastAPI) -> None:
    known = PROGRAMS | OWN_PAGES | OWN_WRITING
    found = {one for one in handlers(app.routes) if "/v1/{rest" not in one}
    assert found - known == set()
    assert {one for one in PROGRAMS | OWN_WRITING if one not in found} == set()


def test_what_our_pages_send_is_refused_from_a_page_elsewhere(plant: Site) -> None:
    elsewhere = {"sec-fetch-site": "cross-site", "content-type": "application/json"}
    for one in OWN_WRITING:
        method, _, path = one.partition(" ")
        answer = httpx.request(
            method, f"{plant.url}{path.format(name='x')}", headers=elsewhere, content=b"{}", timeout=30
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_origin"), one


@pytest.mark.parametrize("lead", ["", "/gradio_api"])
@pytest.mark.parametrize(
    "path", ["/run/answer", "/api/predict", "/api/answer", "/call/answer", "/call/v2/answer", "/upload"]
)
def test_no_handler_of_the_page_can_be_called_by_a_program(plant: Site, lead: str, path: str) -> None:
    called = httpx.post(f"{plant.url}{lead}{path}", json={"data": ["x", []], "fn_index": 0}, timeout=30)
    assert called.status_code in (404, 405)


def test_the_page_phones_nobody_and_offers_no_sharing(config: dict[str, Any]) -> None:
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []
    talk = next(part for part in config["components"] if part["type"] == "chatbot")
    assert talk["props"]["buttons"] == ["copy"]
    assert talk["props"]["sanitize_html"] is True
    assert talk["props"]["allow_tags"] is False


def test_the_examples_are_questions_of_the_exam(config: dict[str, Any]) -> None:
    talk = next(part for part in config["components"] if part["type"] == "chatbot")
    examples = [entry["text"] for entry in talk["props"]["examples"]]
    assert len(examples) == 4
    assert all(text.endswith("?") for text in examples)


def test_the_right_answers_do_not_travel_to_the_browser_with_the_page(config: dict[str, Any]) -> None:
    assert "a heat exchanger that warms feed water with flue gas" not in str(config)
    assert plain("The boiler house") != ""


def test_nothing_long_can_be_uploaded(plant: Site) -> None:
    big = httpx.post(f"{plant.url}/gradio_api/upload", files={"files": b"x" * (2 << 20)}, timeout=30)
    assert big.status_code == 413


def test_no_file_of_the_machine_is_served(plant: Site) -> None:
    for path in ("/gradio_api/file=/etc/passwd", "/file=/etc/passwd", "/static/../../../etc/passwd"):
        assert httpx.get(f"{plant.url}{path}", timeout=30).status_code in (403, 404, 405)
