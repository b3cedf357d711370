"""OpenAI's own client against our server, unchanged."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from loresmith.serve.access import Gate, House, Key
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk, Limits
from tests.serve.librarian import QUOTE, Librarian, served

if TYPE_CHECKING:
    import openai
else:
    openai = pytest.importorskip("openai", reason="the openai client is not installed")


@pytest.fixture
def client(librarian: Librarian) -> Iterator["openai.OpenAI"]:
    app = create_api(Desk(librarian, Limits(waiting=0)), "papers")
    app.add_middleware(Gate, house=House(key=Key("k")))
    with served(app) as site, openai.OpenAI(base_url=f"{site.url}/v1", api_key="k", max_retries=0) as opened:
        yield opened


def messages(text: str) -> list[Any]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]


def test_it_gets_a_completion_with_usage_and_citations(client: "openai.OpenAI") -> None:
    answer = client.chat.completions.create(model="papers", messages=messages("Why?"), temperature=0.2)
    assert answer.choices[0].message.content == "Two small matrices [1]."
    assert answer.usage is not None
    assert answer.usage.total_tokens == 5
    assert (answer.choices[0].message.model_extra or {})["citations"][0]["quote"] == QUOTE


def test_it_reads_a_stream_to_its_usage(client: "openai.OpenAI") -> None:
    stream = client.chat.completions.create(
        model="papers", messages=messages("Why?"), stream=True, stream_options={"include_usage": True}
    )
    parts = list(stream)
    text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert text == "Two small matrices [1]."
    assert parts[-1].usage is not None
    assert parts[-1].usage.completion_tokens == 4


def test_it_lists_the_models(client: "openai.OpenAI") -> None:
    assert [card.id for card in client.models.list()] == ["papers", "letters"]
    assert client.models.retrieve("papers").owned_by == "loresmith"


def test_it_raises_its_own_errors_for_ours(client: "openai.OpenAI", librarian: Librarian) -> None:
    with pytest.raises(openai.NotFoundError, match="There is no model"):
        client.chat.completions.create(model="gpt-9", messages=messages("Why?"))
    with pytest.raises(openai.BadRequestError, match="no question"):
        client.chat.completions.create(model="papers", messages=[{"role": "system", "content": "Hi"}])
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()
    librarian.pause.clear()
    first = client.chat.completions.create(model="papers", messages=messages("1"), stream=True)
    with pytest.raises(openai.RateLimitError) as full:
        client.chat.completions.create(model="papers", messages=messages("2"))
    assert int(full.value.response.headers["retry-after"]) >= 1
    librarian.pause.set()
    assert len(list(first)) == 6


def test_it_gets_embeddings_as_it_asks_for_them_and_as_numbers(client: "openai.OpenAI") -> None:
    texts = ["abba", "valve"]
    unasked = client.embeddings.create(model="letters", input=texts)  # the client asks for base64 and decodes it
    plain = client.embeddings.create(model="letters", input=texts, encoding_format="float")
    assert [row.embedding for row in unasked.data] == [row.embedding for row in plain.data]
    assert unasked.data[0].embedding[:3] == pytest.approx([0.5**0.5, 0.5**0.5, 0])
    assert (unasked.model, unasked.usage.prompt_tokens) == ("letters", 2)
    with pytest.raises(openai.BadRequestError, match="numbers of tokens"):
        client.embeddings.create(model="letters", input=[[1, 2, 3]])
    with pytest.raises(openai.NotFoundError, match="There is no model 'papers' that embeds"):
        client.embeddings.create(model="papers", input="x")
