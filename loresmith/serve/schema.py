"""Requests and responses in the shape of OpenAI's chat completions, with the citations added."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from loresmith.answer.follow_up import MOST_EARLIER, standing_alone
from loresmith.characters import storable
from loresmith.records import Answer, Passage
from loresmith.serve.desk import Told
from loresmith.tutor.state import Level, Mode

LONGEST_MESSAGE = 32_000
"""Characters; a longer message is refused before any work is done."""
MOST_MESSAGES = 1_000
MOST_PASSAGES = 50
ANY_MODEL = "loresmith"
"""A model name that every server of this kind answers to."""
ID_LEAD = "chatcmpl-"
"""Before the id of an answer, as OpenAI's clients know it."""


class ChatMessage(BaseModel):
    """One turn. Content parts of type `text` are joined; other parts are refused."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None

    def text(self) -> str:
        """The words of the turn.

        Raises:
            ValueError: a part is no text.
        """
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        if any(part.get("type") != "text" for part in self.content):
            raise ValueError("Only text parts are understood.")
        return "".join(str(part.get("text", "")) for part in self.content)


class StreamOptions(BaseModel):
    """What a stream carries besides the text."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class TutorRequest(BaseModel):
    """How the tutor is to teach in this conversation."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = "explain"
    level: Level = "beginner"


class ChatRequest(BaseModel):
    """What a client may ask: the last user message, made to stand alone where it leans on the user's earlier ones.

    Sampling keys (temperature, seed, ...) are accepted and change nothing, since decoding is greedy; what would change
    the shape of the result and cannot be given (tools, schemas, several choices) is refused by `unsupported`.
    """

    model_config = ConfigDict(extra="allow")

    model: str = "loresmith"
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    tutor: TutorRequest | None = None
    """Teach instead of only answering. The state of the lesson comes from the messages: send them all."""

    def written(self) -> str:
        """The last turn of the user as it was written.

        Raises:
            ValueError: there is none, it is empty, or it is longer than `LONGEST_MESSAGE`.
        """
        turns = self.turns()
        if not turns or not turns[-1]:
            raise ValueError("There is no question: the last user message is missing or empty.")
        if len(turns[-1]) > LONGEST_MESSAGE:
            raise ValueError(f"The question has {len(turns[-1])} characters; at most {LONGEST_MESSAGE} are read.")
        return turns[-1]

    def question(self) -> str:
        """The question that is searched and answered: `written`, standing alone. Raises as `written` does."""
        return standing_alone(self.written(), self.turns()[-1 - MOST_EARLIER : -1])

    def turns(self) -> list[str]:
        """What the user said, oldest first."""
        return [storable(message.text().strip()) for message in self.messages if message.role == "user"]

    def limit(self) -> int | None:
        """Most tokens that the client wants to read."""
        return self.max_completion_tokens or self.max_tokens

    def unsupported(self) -> str | None:
        """The first key that asks for what this server cannot do."""
        asked = self.model_extra or {}
        is_asked = {
            "n": asked.get("n") not in (None, 1),
            "tools": bool(asked.get("tools")),
            "functions": bool(asked.get("functions")),
            "response_format": (asked.get("response_format") or {"type": "text"}) != {"type": "text"},
            "logprobs": bool(asked.get("logprobs")),
            "stop": bool(asked.get("stop")),
        }
        return next((key for key, is_wanted in is_asked.items() if is_wanted), None)


class AskRequest(BaseModel):
    """What `/ask` takes."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=LONGEST_MESSAGE)
    model: str = ANY_MODEL
    """Which of several experts is asked; by default the router chooses."""


class SearchRequest(BaseModel):
    """What `/search` takes."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(min_length=1, max_length=LONGEST_MESSAGE)
    model: str = ANY_MODEL
    """Whose passages are searched; by default those of all."""
    k: int = Field(default=8, ge=1, le=MOST_PASSAGES)


class Called:
    """One completion on its way: its id, the model's name and when it began, as every part of it must repeat them."""

    def __init__(self, answer_id: str, model: str, created: int, understood: str | None = None) -> None:
        """`understood` is the question that was answered, where it is not the one that was written."""
        self._understood: dict[str, Any] = {} if understood is None else {"asked": understood}
        self._head = {"id": f"{ID_LEAD}{answer_id}", "created": created, "model": model}

    def whole(self, told: Told) -> dict[str, Any]:
        """The completion at once."""
        answer = told.answer
        message = {"role": "assistant", "content": answer.text, "refusal": None, "citations": citations(answer)}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        whole = {**self._head, "object": "chat.completion", "choices": [choice], "usage": _usage(told)}
        return {**whole, **_fingerprint(told), **self._beside(told.route)}

    def piece(
        self, delta: dict[str, Any], finish_reason: str | None = None, route: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A part of a stream; the last one says who answered and why."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        end = {} if finish_reason is None else self._beside(route)
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice], **end}

    def used(self, told: Told) -> dict[str, Any]:
        """The part of a stream that says what it cost."""
        return {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(told)}

    def _beside(self, route: dict[str, Any] | None) -> dict[str, Any]:
        """What OpenAI's clients do not know and keep: the question as understood, and who answered it."""
        more = {**self._understood, **({} if route is None else {"route": route})}
        return {"loresmith": more} if more else {}


WHY = ("score", "dense_rank", "lexical_rank", "cosine", "bm25", "late")
"""What stands under `why`."""


def citations(answer: Answer) -> list[dict[str, Any]]:
    """Where the answer comes from: number, source, page, quote."""
    return [citation.model_dump(mode="json") for citation in answer.citations]


def passages(found: Sequence[Passage]) -> list[dict[str, Any]]:
    """Passages with the reasons for their rank under `why`."""
    rows = []
    for passage in found:
        row = passage.model_dump(mode="json")
        why = {key: row.pop(key) for key in WHY}
        rows.append({**row, "why": why})
    return rows


def fault(message: str, *, kind: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """An error as the API's clients expect it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _fingerprint(told: Told) -> dict[str, str]:
    """What OpenAI's clients know as the mark of the configuration that answered."""
    return {} if told.version is None else {"system_fingerprint": told.version}


def _usage(told: Told) -> dict[str, int]:
    return {
        "prompt_tokens": told.prompt_tokens,
        "completion_tokens": told.completion_tokens,
        "total_tokens": told.prompt_tokens + told.completion_tokens,
    }
