import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from loresmith.errors import MachineError
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk, Limits
from tests.serve.librarian import QUOTE, Librarian, Site, served, wait_until

WAITING = 2


House = tuple[Site, Librarian]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One server for all tests here; each finds its librarian as new."""
    librarian = Librarian()
    with served(create_api(Desk(librarian, Limits(waiting=WAITING)), "papers")) as running:
        yield running, librarian


@pytest.fixture
def librarian(house: House) -> Iterator[Librarian]:
    librarian = house[1]
    librarian.reset()
    yield librarian
    librarian.pause.set()


@pytest.fixture
def client(house: House, librarian: Librarian) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house[0].url, timeout=20) as opened:
        yield opened


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "papers", "messages": [{"role": "user", "content": text}], **more}


def events(answer: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_a_completion_has_text_citations_and_what_it_cost(client: httpx.Client) -> None:
    answer = client.post("/v1/chat/completions", json=said("What does LoRA train?")).json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "Two small matrices [1]."
    assert answer["choices"][0]["message"]["citations"][0]["quote"] == QUOTE
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"] == {"prompt_tokens": 4, "completion_tokens": 4, "total_tokens": 8}


def test_a_stream_gives_role_pieces_citations_usage_and_the_end_under_one_id(client: httpx.Client) -> None:
    answer = client.post("/v1/chat/completions", json=said("Why?", stream=True, stream_options={"include_usage": True}))
    assert answer.headers["content-type"].startswith("text/event-stream")
    parts = events(answer)
    assert len({(part["id"], part["created"], part["object"]) for part in parts}) == 1
    deltas = [part["choices"][0]["delta"] for part in parts[:-1]]
    assert deltas[0]["role"] == "assistant"
    assert "".join(delta.get("content", "") for delta in deltas) == "Two small matrices [1]."
    assert deltas[-1]["citations"][0]["source"] == "notes/lora.pdf"
    assert parts[-2]["choices"][0]["finish_reason"] == "stop"
    assert parts[-1]["choices"] == []
    assert parts[-1]["usage"]["completion_tokens"] == 4


def test_a_stream_without_the_option_tells_no_usage(client: httpx.Client) -> None:
    parts = events(client.post("/v1/chat/completions", json=said("Why?", stream=True)))
    assert all("usage" not in part for part in parts)


def test_pieces_arrive_before_the_answer_is_whole(client: httpx.Client, librarian: Librarian) -> None:
    librarian.pause.clear()
    with client.stream("POST", "/v1/chat/completions", json=said("Why?", stream=True)) as answer:
        pieces = answer.iter_lines()
        assert '"role": "assistant"' in next(pieces)
        assert librarian.words_written == 0
        librarian.pause.set()
        assert list(pieces)[-2] == "data: [DONE]"


def test_the_last_user_message_is_the_question_and_text_parts_are_joined(
    client: httpx.Client, librarian: Librarian
) -> None:
    parts = [{"type": "text", "text": "What is "}, {"type": "text", "text": "rank?"}]
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": parts},
    ]
    client.post("/v1/chat/completions", json={"model": "loresmith", "messages": turns})
    assert librarian.asked == [("What is rank?", None)]


FOLLOW_UP = [
    {"role": "system", "content": "What about the boiler?"},
    {"role": "user", "content": "What does the relief valve weigh?"},
    {"role": "assistant", "content": "Three kilograms; the pump weighs more [1]."},
    {"role": "user", "content": "What about CV-2?"},
]


def test_a_question_that_leans_on_earlier_ones_is_asked_whole_and_the_answer_says_so(
    client: httpx.Client, librarian: Librarian
) -> None:
    answer = client.post("/v1/chat/completions", json={"model": "papers", "messages": FOLLOW_UP}).json()
    assert librarian.asked == [("What does CV-2 weigh?", None)]
    assert answer["loresmith"] == {"asked": "What does CV-2 weigh?"}


def test_the_end_of_a_stream_says_which_question_was_answered(client: httpx.Client, librarian: Librarian) -> None:
    body = {"model": "papers", "messages": FOLLOW_UP, "stream": True}
    parts = events(client.post("/v1/chat/completions", json=body))
    assert librarian.asked == [("What does CV-2 weigh?", None)]
    assert parts[-1]["loresmith"] == {"asked": "What does CV-2 weigh?"}
    assert all("loresmith" not in part for part in parts[:-1])


@pytest.mark.parametrize("question", ["What does the pump weigh?", "  Why LoRA?"])
def test_a_question_that_stands_alone_is_asked_as_it_is_and_nothing_is_said_of_it(
    client: httpx.Client, librarian: Librarian, question: str
) -> None:
    turns = [*FOLLOW_UP[:-1], {"role": "user", "content": question}]
    answer = client.post("/v1/chat/completions", json={"model": "papers", "messages": turns}).json()
    assert librarian.asked == [(question.strip(), None)]
    assert "loresmith" not in answer


def test_earlier_turns_that_are_no_questions_do_no_harm(client: httpx.Client, librarian: Librarian) -> None:
    odd = [{"role": "user", "content": text} for text in ("", "\ud800", "?" * 40_000, "(" * 5_000)]
    turns = [*odd, {"role": "user", "content": "Why does it open?"}]
    body = json.dumps({"model": "papers", "messages": turns})
    answer = client.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert librarian.asked == [("Why does it open?", None)]


@pytest.mark.parametrize("key", ["max_tokens", "max_completion_tokens"])
def test_a_limit_on_tokens_reaches_the_model(client: httpx.Client, librarian: Librarian, key: str) -> None:
    answer = client.post("/v1/chat/completions", json=said("Why?", **{key: 2})).json()
    assert librarian.asked == [("Why?", 2)]
    assert answer["choices"][0]["message"]["content"] == "Two small"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"model": "papers", "messages": []}, 400, "messages"),
        ({"model": "papers"}, 400, "messages: Field required"),
        (said(" "), 400, "There is no question"),
        (said("x" * 40_000), 400, "at most 32000"),
        (said("Why?", n=2), 400, "n is not supported"),
        (said("Why?", tools=[{"type": "function"}]), 400, "tools is not supported"),
        (said("Why?", response_format={"type": "json_object"}), 400, "response_format is not supported"),
        (said("Why?", max_tokens=0), 400, "max_tokens"),
        ({**said("Why?"), "model": "gpt-4o"}, 404, "There is no model 'gpt-4o'"),
        ({"model": "papers", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "Only text"),
        ({"model": "papers", "messages": [{"role": "king", "content": "Why?"}]}, 400, "messages.0.role"),
    ],
)
def test_a_wrong_request_gets_a_reason_and_no_work(
    client: httpx.Client, librarian: Librarian, body: dict[str, Any], status: int, told: str
) -> None:
    answer = client.post("/v1/chat/completions", json=body)
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]
    assert librarian.asked == []


def test_a_body_that_is_no_json_is_refused_in_the_same_shape(client: httpx.Client) -> None:
    answer = client.post("/v1/chat/completions", content=b"\xff{", headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_an_unknown_address_under_v1_is_a_404_of_the_same_shape(client: httpx.Client) -> None:
    answer = client.post("/v1/images/generations", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_url")


def test_the_models_are_listed_and_found_by_name(client: httpx.Client) -> None:
    assert [card["id"] for card in client.get("/v1/models").json()["data"]] == ["papers", "letters"]
    assert client.get("/v1/models/papers").json()["owned_by"] == "loresmith"
    assert client.get("/v1/models/other").status_code == 404


def test_ask_returns_citations_and_passages_with_reasons(client: httpx.Client) -> None:
    answer = client.post("/ask", json={"question": "What does LoRA train?"}).json()
    assert answer["citations"][0]["page"] == 1
    measured = {"cosine": None, "bm25": None, "late": None}
    assert answer["passages"][1]["why"] == {"score": 0.25, "dense_rank": 2, "lexical_rank": None, **measured}


def test_search_returns_as_many_passages_as_asked_with_reasons(client: httpx.Client) -> None:
    found = client.post("/search", json={"query": "rank", "k": 3}).json()["passages"]
    assert [row["page"] for row in found] == [1, 2, 3]
    assert found[0]["why"]["dense_rank"] == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/ask", {"question": " "}), ("/search", {"query": "x", "k": 0}), ("/search", {"query": "x", "kk": 1})],
)
def test_ask_and_search_refuse_what_they_cannot_serve(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    assert client.post(path, json=body).status_code == 400


def test_the_house_is_full_when_more_wait_than_may(client: httpx.Client, librarian: Librarian) -> None:
    librarian.pause.clear()
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(httpx.post(f"{client.base_url}/ask", json={"question": "Why?"}, timeout=20).status_code)

    crowd = [threading.Thread(target=ask) for _ in range(WAITING + 1)]
    for visitor in crowd:
        visitor.start()
    wait_until(lambda: client.get("/healthz").json()["inside"] == WAITING + 1)
    for body in (said("Why?"), said("Why?", stream=True)):
        refused = client.post("/v1/chat/completions", json=body)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json()["error"]["type"] == "rate_limit_error"
    assert client.post("/search", json={"query": "x"}).status_code == 200  # searching never waits for an answer
    librarian.pause.set()
    for visitor in crowd:
        visitor.join(20)
    assert statuses == [200] * (WAITING + 1)
    assert librarian.most_at_once == 1
    wait_until(lambda: client.get("/healthz").json()["inside"] == 0)


def test_a_reader_who_leaves_mid_stream_stops_the_writing_and_frees_the_place(
    client: httpx.Client, librarian: Librarian
) -> None:
    librarian.pause.clear()
    with client.stream("POST", "/v1/chat/completions", json=said("Why?", stream=True)) as answer:
        next(answer.iter_lines())
        wait_until(lambda: len(librarian.asked) == 1)
    wait_until(lambda: client.get("/healthz").json()["inside"] == 1)
    librarian.pause.set()
    wait_until(lambda: librarian.streams_closed == 1)
    assert librarian.words_written <= 2
    wait_until(lambda: client.get("/healthz").json()["inside"] == 0)
    assert client.post("/ask", json={"question": "Again?"}).status_code == 200


def test_a_client_that_hangs_up_while_waiting_is_never_answered(client: httpx.Client, librarian: Librarian) -> None:
    librarian.pause.clear()
    first = threading.Thread(target=lambda: httpx.post(f"{client.base_url}/ask", json={"question": "1"}, timeout=20))
    first.start()
    wait_until(lambda: len(librarian.asked) == 1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{client.base_url}/ask", json={"question": "2"}, timeout=0.3)
    wait_until(lambda: client.get("/healthz").json()["inside"] == 1)
    librarian.pause.set()
    first.join(20)
    assert [question for question, _ in librarian.asked] == ["1"]


def test_a_fault_is_a_500_with_its_next_step_and_ends_a_stream_as_an_error(
    client: httpx.Client, librarian: Librarian
) -> None:
    librarian.fails_with = MachineError("The model ran out of memory.", next_step="Take a smaller one.")
    whole = client.post("/v1/chat/completions", json=said("Why?"))
    assert whole.status_code == 500
    assert whole.json()["error"]["message"] == "The model ran out of memory. Take a smaller one."
    stream = client.post("/v1/chat/completions", json=said("Why?", stream=True)).text.strip().split("\n\n")
    assert json.loads(stream[-1].removeprefix("data: "))["error"]["type"] == "server_error"
    librarian.fails_with = None
    assert client.post("/v1/chat/completions", json=said("Why?")).status_code == 200


def test_a_bug_shows_no_traceback_and_the_server_lives_on(client: httpx.Client, librarian: Librarian) -> None:
    librarian.fails_with = ZeroDivisionError("secret")  # type: ignore[assignment]
    broken = client.post("/ask", json={"question": "Why?"})
    assert broken.status_code == 500
    assert "secret" not in broken.text
    librarian.fails_with = None
    assert client.post("/ask", json={"question": "Why?"}).status_code == 200


def test_stopping_the_server_closes_the_expert() -> None:
    reader = Librarian()
    with served(create_api(Desk(reader), "papers")) as site:
        assert httpx.get(f"{site.url}/healthz").json()["status"] == "ok"
        site.stop()
        assert reader.is_closed


def test_no_page_of_the_api_loads_anything_from_elsewhere(client: httpx.Client) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
    assert "/v1/chat/completions" in client.get("/openapi.json").json()["paths"]
