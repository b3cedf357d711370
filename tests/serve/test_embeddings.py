import base64
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from loresmith.serve.api import create_api
from loresmith.serve.desk import SLICE, Desk
from loresmith.serve.embeddings import MOST_TEXTS
from tests.serve.librarian import Librarian, Site, served, wait_until

House = tuple[Site, Librarian]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    librarian = Librarian()
    with served(create_api(Desk(librarian), "papers")) as running:
        yield running, librarian


@pytest.fixture
def librarian(house: House) -> Iterator[Librarian]:
    house[1].reset()
    yield house[1]
    house[1].embedding.set()


def embed(house: House, **body: Any) -> httpx.Response:
    return httpx.post(f"{house[0].url}/v1/embeddings", json={"model": "letters", **body}, timeout=20)


def test_a_text_becomes_a_vector_of_length_one_in_openai_s_shape(house: House, librarian: Librarian) -> None:
    answer = embed(house, input="abba cab").json()
    assert (answer["object"], answer["model"]) == ("list", "letters")
    assert answer["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    assert [(row["object"], row["index"]) for row in answer["data"]] == [("embedding", 0)]
    assert np.linalg.norm(answer["data"][0]["embedding"]) == pytest.approx(1)


def test_base64_holds_the_same_numbers_as_little_endian_floats(house: House, librarian: Librarian) -> None:
    as_numbers = embed(house, input="valve", dimensions=26).json()["data"][0]["embedding"]
    as_text = embed(house, input="valve", encoding_format="base64").json()["data"][0]["embedding"]
    assert np.frombuffer(base64.b64decode(as_text), dtype="<f4").tolist() == as_numbers


def test_many_texts_keep_their_order_and_are_taken_a_slice_at_a_time(house: House, librarian: Librarian) -> None:
    letters = [chr(ord("a") + number % 26) for number in range(SLICE + 3)]
    rows = embed(house, input=letters).json()["data"]
    assert [int(np.argmax(row["embedding"])) for row in rows] == [number % 26 for number in range(SLICE + 3)]
    assert librarian.embedded == [SLICE, 3]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"input": []}, 400, "input is empty"),
        ({"input": ""}, 400, "input[0] is empty"),
        ({"input": ["a", " "]}, 400, "input[1] is empty"),
        ({"input": ["a"] * (MOST_TEXTS + 1)}, 400, f"at most {MOST_TEXTS}"),
        ({"input": ["a", "b " * 21]}, 400, "input[1] has 21 tokens; letters reads 20"),
        ({"input": "x" * 40_000}, 400, "more than 32000 characters"),
        ({"input": [1, 2]}, 400, "numbers of tokens"),
        ({"input": [[1, 2], [3]]}, 400, "numbers of tokens"),
        ({"input": {"a": 1}}, 400, "input"),
        ({}, 400, "input"),
        ({"input": "a", "dimensions": 8}, 400, "26 dimensions and cannot give 8"),
        ({"input": "a", "encoding_format": "int8"}, 400, "encoding_format"),
        ({"input": "a", "model": "text-embedding-3-small"}, 404, "this server has 'letters'"),
        ({"input": "a", "model": "papers"}, 404, "no model 'papers' that embeds"),
    ],
)
def test_what_cannot_be_embedded_gets_a_reason_and_no_work(
    house: House, librarian: Librarian, body: dict[str, Any], status: int, told: str
) -> None:
    answer = embed(house, **body)
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]
    assert librarian.embedded == []


def test_the_model_that_embeds_writes_no_answers(house: House) -> None:
    body = {"model": "letters", "messages": [{"role": "user", "content": "Why?"}]}
    answer = httpx.post(f"{house[0].url}/v1/chat/completions", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


def test_an_answer_goes_on_while_texts_are_embedded(house: House, librarian: Librarian) -> None:
    librarian.embedding.clear()
    embedding = threading.Thread(target=lambda: embed(house, input="a"))
    embedding.start()
    assert httpx.post(f"{house[0].url}/ask", json={"question": "Why?"}, timeout=20).status_code == 200
    librarian.embedding.set()
    embedding.join(20)
    wait_until(lambda: librarian.embedded == [1])


@pytest.mark.parametrize("text", [r"\ud800", r"\u0000 a", r"a\u202eb", r"\ud83e\udee0"])
def test_odd_characters_are_embedded_and_break_nothing(house: House, librarian: Librarian, text: str) -> None:
    body, headers = f'{{"input": "a {text}"}}'.encode(), {"content-type": "application/json"}
    assert httpx.post(f"{house[0].url}/v1/embeddings", content=body, headers=headers).status_code == 200


def test_the_index_s_own_embedder_answers_for_a_real_project(plant: Site) -> None:
    texts = ["At what pressure does the relief valve open?", "The relief valve opens at 4 bar.", "Ada Moor, 1931."]
    answer = httpx.post(f"{plant.url}/v1/embeddings", json={"input": texts}, timeout=60).json()
    vectors = np.array([row["embedding"] for row in answer["data"]])
    assert (answer["model"], vectors.shape) == ("minilm", (3, 384))
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert answer["usage"]["prompt_tokens"] > 20
    long = httpx.post(f"{plant.url}/v1/embeddings", json={"input": "valve " * 300}, timeout=60)
    assert "has 302 tokens; minilm reads 256" in long.json()["error"]["message"]
