import os
from typing import Any

import httpx
import pytest

from loresmith.serve.page.text import plain
from tests.serve.librarian import Site


@pytest.fixture
def config(plant: Site) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{plant.url}/config", timeout=30).json()
    return answer


def test_no_handler_of_the_page_is_an_api(config: dict[str, Any], plant: Site) -> None:
    handlers = [entry for entry in config["dependencies"] if entry["backend_fn"]]
    assert len(handlers) > 8
    assert {entry["api_visibility"] for entry in handlers} == {"private"}
    assert httpx.get(f"{plant.url}/gradio_api/info", timeout=30).json()["named_endpoints"] == {}


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
