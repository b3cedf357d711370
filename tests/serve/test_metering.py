import re
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from loresmith.errors import MachineError
from loresmith.recipe import ServeConfig
from loresmith.serve.access import Access
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk, Limits
from loresmith.serve.metering import metric_routes
from loresmith.serve.site import guard, templates
from tests.serve.librarian import Librarian, Site, served

SECRET = "open-sesame-42"
KNOWN = {"authorization": f"Bearer {SECRET}"}


def metered(librarian: Librarian, config: ServeConfig, api_key: str | None) -> Iterator[Site]:
    desk = Desk(librarian, Limits(waiting=0), version=lambda: "version-7")
    app = create_api(desk, "papers")
    app.include_router(metric_routes(desk.meter))
    guard(app, Access(api_key=api_key), config, desk.meter, templates(app))
    with served(app) as running:
        yield running


@pytest.fixture
def site(librarian: Librarian) -> Iterator[Site]:
    yield from metered(librarian, ServeConfig(), SECRET)


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, headers=KNOWN, timeout=20) as opened:
        yield opened


def counts(client: httpx.Client) -> dict[str, float]:
    """Every sample as `name{label="value",...}`, read as Prometheus reads it."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        sample.name + "{" + ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items())) + "}": (
            sample.value
        )
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_question_is_counted_with_its_tokens_its_kind_and_its_times(client: httpx.Client) -> None:
    client.post("/ask", json={"question": "What is rank?"})
    told = counts(client)
    assert told['loresmith_requests_total{method="POST",route="/ask",status="200"}'] == 1
    assert told['loresmith_request_seconds_count{route="/ask"}'] == 1
    assert told["loresmith_first_piece_seconds_count{}"] == 1
    assert told['loresmith_tokens_total{direction="in"}'] == 3
    assert told['loresmith_tokens_total{direction="out"}'] == 4
    assert told['loresmith_answers_total{kind="cited"}'] == 1
    assert told['loresmith_answers_total{kind="refused"}'] == 0
    assert told["loresmith_index_passages{}"] == 2
    assert told['loresmith_client_requests_total{client="key"}'] >= 1
    assert any(re.match(r'loresmith_expert\{program=".+",version="version-7"\}', name) for name in told)


def test_who_waits_and_who_is_turned_away_is_counted(client: httpx.Client, librarian: Librarian) -> None:
    librarian.pause.clear()
    body = {"messages": [{"role": "user", "content": "Why?"}], "stream": True}
    with client.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert client.post("/ask", json={"question": "Why?"}).status_code == 429
        told = counts(client)
        assert told['loresmith_turned_away_total{reason="full"}'] == 1
        assert told["loresmith_questions_inside{}"] == 1
        assert told["loresmith_questions_waiting{}"] == 0
        librarian.pause.set()
        answer.read()


def test_labels_are_few_whatever_is_asked(client: httpx.Client) -> None:
    for number in range(20):
        client.get(f"/nowhere-{number}")
        client.get(f"/v1/models/model-{number}")
        client.request(f"VERB{number}", "/ask")
    names = [name for name in counts(client) if name.startswith("loresmith_requests_total")]
    assert len(names) <= 5
    assert not any("nowhere" in name or "model-" in name or "VERB" in name for name in names)


def test_a_request_without_the_key_is_counted_and_sees_no_count(site: Site, client: httpx.Client) -> None:
    assert httpx.get(f"{site.url}/metrics").status_code == 401
    assert counts(client)['loresmith_requests_total{method="GET",route="/metrics",status="401"}'] == 1


def test_a_failure_is_counted_as_one(client: httpx.Client, librarian: Librarian) -> None:
    librarian.fails_with = MachineError("No memory.", next_step="Buy some.")
    client.post("/ask", json={"question": "Why?"})
    assert counts(client)['loresmith_requests_total{method="POST",route="/ask",status="500"}'] == 1


def test_counts_are_open_where_that_was_asked_for(librarian: Librarian) -> None:
    for site in metered(librarian, ServeConfig(open_metrics=True), SECRET):
        assert httpx.get(f"{site.url}/metrics").status_code == 200
        assert httpx.get(f"{site.url}/v1/models").status_code == 401
