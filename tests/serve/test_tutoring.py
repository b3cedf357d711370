"""The tutor through the chat API, on a real index without a model: the excerpts are its explanation."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from loresmith.pipeline import Project
from loresmith.quiz.bank import Bank
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.expert import open_expert
from loresmith.serve.tutoring import Tutoring
from tests.serve.librarian import served

TOPIC = "At which pressure does the relief valve open?"


@pytest.fixture(scope="module")
def client(project: Project) -> Iterator[httpx.Client]:
    desk = Desk(open_expert(project, "none"))
    app = create_api(desk, "plant", tutoring=Tutoring(desk, Bank.open(project.path)))
    with served(app) as site, httpx.Client(base_url=site.url, timeout=60) as opened:
        yield opened


def chat(client: httpx.Client, *turns: str, **more: Any) -> dict[str, Any]:
    """The completion after the learner's turns, with the tutor's between them, which do not count."""
    messages = [
        message
        for turn in turns
        for message in ({"role": "assistant", "content": "…"}, {"role": "user", "content": turn})
    ]
    body = {"model": "loresmith", "messages": messages[1:], "tutor": {"mode": "explain"}, **more}
    answer = client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_an_explanation_is_cited_and_followed_by_a_question_without_its_answer(client: httpx.Client) -> None:
    told = chat(client, TOPIC)
    message = told["choices"][0]["message"]
    assert "4 bar" in message["content"] and message["citations"][0]["source"] == "pumps.md"
    lesson = told["loresmith"]["tutor"]
    assert lesson["question"]["question"] in message["content"]
    assert "answer" not in lesson["question"] and (lesson["graded"], lesson["correct"]) == (0, None)


def test_the_lesson_is_taken_up_from_the_messages_alone(client: httpx.Client) -> None:
    asked = chat(client, TOPIC)["loresmith"]["tutor"]["question"]
    assert chat(client, TOPIC, "hint")["loresmith"]["tutor"]["question"] == {**asked, "hints": 1}
    told = chat(client, TOPIC, "hint", "answer")
    assert told["choices"][0]["message"]["citations"]
    assert told["loresmith"]["tutor"]["graded"] == 1 and told["loresmith"]["tutor"]["question"] is None


def test_a_stream_carries_the_same_words_citations_and_lesson(client: httpx.Client) -> None:
    whole = chat(client, TOPIC)
    body = {"model": "loresmith", "messages": [{"role": "user", "content": TOPIC}], "tutor": {}, "stream": True}
    lines = [line[6:] for line in client.post("/v1/chat/completions", json=body).text.splitlines() if line]
    assert lines.pop() == "[DONE]"
    parts = [json.loads(line) for line in lines]
    text = "".join(part["choices"][0]["delta"].get("content", "") for part in parts)
    assert text == whole["choices"][0]["message"]["content"]
    assert parts[-1]["loresmith"] == whole["loresmith"] and parts[-1]["choices"][0]["delta"]["citations"]


def test_an_unknown_mode_is_refused_and_without_questions_there_is_no_tutor(
    project: Project, client: httpx.Client
) -> None:
    body = {"messages": [{"role": "user", "content": TOPIC}], "tutor": {"mode": "shout"}}
    assert client.post("/v1/chat/completions", json=body).status_code == 400
    with served(create_api(Desk(open_expert(project, "none")), "plant")) as site:
        body["tutor"] = {"mode": "explain"}
        answer = httpx.post(f"{site.url}/v1/chat/completions", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_tutor")
