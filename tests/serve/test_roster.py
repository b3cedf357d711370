"""Several experts at one address: who answers, from which documents, and how it is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from loresmith.models import prompts
from loresmith.models.language import open_model
from loresmith.models.locate import find
from loresmith.recipe.experts import load_roster
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.roster_opening import open_roster
from tests.serve.librarian import Site, served

if TYPE_CHECKING:
    import openai
else:
    openai = pytest.importorskip("openai", reason="the openai client is not installed")

OVEN, DEPTH, ELSEWHERE = (
    "How long does the soup stay in the oven?", "How deep is the water under the ferry?", "Who won in Bolivia?",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(town: Path) -> Iterator[Site]:
    opened = open_roster(load_roster(town), town.parent)
    with served(create_api(Desk(opened), "town", menu=opened)) as running:
        yield running


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=60) as opened:
        yield opened


def answered(client: httpx.Client, model: str, question: str) -> dict[str, Any]:
    body = {"model": model, "messages": [{"role": "user", "content": question}], "max_tokens": 8}
    found: dict[str, Any] = client.post("/v1/chat/completions", json=body).raise_for_status().json()
    return found


def test_the_models_are_the_router_the_experts_the_base_and_the_embedder(client: httpx.Client) -> None:
    rows = client.get("/v1/models").json()["data"]
    assert [row["id"] for row in rows] == ["auto", "kitchen", "harbour", "base", "minilm"]
    assert client.get("/v1/models/harbour").json()["description"] == "The harbour"


@pytest.mark.parametrize(
    ("question", "expert", "why"),
    [
        (OVEN, "kitchen", "probability"),
        (DEPTH, "harbour", "probability"),
        (ELSEWHERE, "base", "far"),
        ("Is starboard in Bolivia?", "harbour", "keyword"),
    ],
)
def test_the_router_chooses_and_tells_whom_and_why(client: httpx.Client, question: str, expert: str, why: str) -> None:
    found = answered(client, "auto", question)
    route = found["loresmith"]["route"]
    assert (found["model"], route["expert"], route["why"]) == ("auto", expert, why)
    assert 0 <= route["probability"] <= 1
    assert (route.get("keyword") == "starboard") == (why == "keyword")


def test_an_expert_that_is_named_answers_whatever_the_router_would_say(client: httpx.Client) -> None:
    assert answered(client, "harbour", OVEN)["loresmith"]["route"] == {"expert": "harbour", "why": "named"}


def test_each_expert_answers_with_its_adapter_from_its_own_documents(
    client: httpx.Client, town: Path, tiny_model: Path
) -> None:
    for name, question in (("kitchen", OVEN), ("harbour", DEPTH)):
        told = client.post("/ask", json={"question": question, "model": name}).json()
        assert {passage["source"].split("/")[0] for passage in told["passages"]} == {name}
        assert told["route"]["expert"] == name
        model = open_model(find(str(tiny_model)), adapter=town.parent / "adapters" / name)
        text = prompts.numbered(passage["text"] for passage in told["passages"])
        ids = model.encode(prompts.short(question, text))
        assert told["text"] == model.complete([ids], 12)[0].text.strip()


def test_the_base_answers_without_adapter_documents_or_citations(client: httpx.Client, tiny_model: Path) -> None:
    model = open_model(find(str(tiny_model)))
    told = client.post("/ask", json={"question": OVEN, "model": "base"}).json()
    assert told["text"] == model.complete([model.encode(prompts.short(OVEN))], 12)[0].text.strip()
    assert (told["citations"], told["passages"], told["generator"]) == ([], [], "tiny")


def test_openais_client_is_told_of_an_unknown_name_as_by_openai(site: Site) -> None:
    with openai.OpenAI(base_url=f"{site.url}/v1", api_key="k", max_retries=0) as opened:
        with pytest.raises(openai.NotFoundError) as caught:
            opened.chat.completions.create(model="cellar", messages=[{"role": "user", "content": "?"}])
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
        assert "'auto', 'kitchen', 'harbour', 'base'" in caught.value.message
        assert next(card.id for card in opened.models.list()) == "auto"


def test_a_stream_tells_at_its_end_who_answered(client: httpx.Client) -> None:
    body = {"model": "auto", "messages": [{"role": "user", "content": DEPTH}], "stream": True, "max_tokens": 4}
    lines = client.post("/v1/chat/completions", json=body).text.split("\n\n")
    parts = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    assert [part.get("loresmith", {}).get("route", {}).get("expert") for part in parts][-1] == "harbour"
    assert all("loresmith" not in part for part in parts[:-1])


def test_a_search_finds_among_all_or_with_the_expert_that_is_named(client: httpx.Client) -> None:
    for model, homes in (("auto", {"kitchen", "harbour"}), ("kitchen", {"kitchen"}), ("base", set())):
        rows = client.post(
            "/search", json={"query": "What about the ferry and the soup?", "model": model, "k": 6}
        ).json()
        assert {row["source"].split("/")[0] for row in rows["passages"]} == homes
