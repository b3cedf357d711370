"""From the raw answer of a chat completion to written facts, or to the reason why it cannot be used.

Text around the JSON is passed over (fences, thoughts of a reasoning model); the JSON itself is never repaired.
"""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loresmith.characters import storable

NO_COMPLETION = "no chat completion"
REFUSED = "refused by the model"
EMPTY = "empty answer"
TRUNCATED = "truncated JSON"
NO_JSON = "no JSON"
WRONG_SCHEMA = "wrong schema"


class WrittenFact(BaseModel):
    """One fact as the model wrote it; nothing in it has been checked."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    quote: str = Field(min_length=1, max_length=4000)
    answer: str = Field(min_length=1, max_length=1000)
    kind: str = Field(default="other", max_length=60)
    subject: str = Field(default="", max_length=400)
    questions: tuple[str, ...] = Field(min_length=1, max_length=32)
    wrong_answers: tuple[str, ...] = Field(default=(), max_length=32)


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the server counted them."""

    prompt: int
    completion: int


@dataclass(frozen=True)
class Reply:
    """What one raw answer says."""

    facts: tuple[WrittenFact, ...] = ()
    fault: str | None = None
    """Why nothing of it can be used."""
    misshapen: int = 0
    """Facts left out because a key was missing or of the wrong type."""
    usage: Usage | None = None
    """`None` when the server counted nothing."""


def read(body: str) -> Reply:
    """The facts in the raw answer `body`."""
    try:
        completion = json.loads(body)
        choice = completion["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content"), message.get("refusal")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Reply(fault=NO_COMPLETION)
    usage = _usage(completion.get("usage"))
    if refusal:
        return Reply(fault=REFUSED, usage=usage)
    if text is not None and not isinstance(text, str):
        return Reply(fault=NO_COMPLETION, usage=usage)
    if text is None or not text.strip():
        return Reply(fault=EMPTY, usage=usage)
    found = _object_in(text)
    if found is None:
        is_cut = choice.get("finish_reason") == "length" or '"facts"' in text
        return Reply(fault=TRUNCATED if is_cut else NO_JSON, usage=usage)
    return _facts_in(found, usage)


def _facts_in(found: dict[str, Any], usage: Usage | None) -> Reply:
    rows = found["facts"]
    if not isinstance(rows, list):
        return Reply(fault=WRONG_SCHEMA, usage=usage)
    facts = []
    for row in rows:
        try:
            facts.append(WrittenFact.model_validate(_mended(row)))
        except (ValidationError, RecursionError):  # a model that repeats itself may open 500 lists
            continue
    misshapen = len(rows) - len(facts)
    fault = WRONG_SCHEMA if misshapen and not facts else None
    return Reply(tuple(facts), fault, misshapen, usage)


def _mended(value: Any) -> Any:
    """The JSON value with every text in it as a file can hold it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    return {key: _mended(item) for key, item in value.items()} if isinstance(value, dict) else value


def _object_in(text: str) -> dict[str, Any] | None:
    """The last whole JSON object with the key `facts`; a model that thinks aloud ends with the answer it means."""
    decoder, found, at = json.JSONDecoder(), None, text.find("{")
    first: dict[str, Any] | None = None
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if isinstance(value, dict) and "facts" in value:
                found = value
            elif isinstance(value, dict) and '"facts"' not in text:
                first = first or {"facts": None}  # JSON of another shape, not a beginning that was cut
        at = text.find("{", end)
    return found or first


def _usage(counted: Any) -> Usage | None:
    try:
        return Usage(int(counted["prompt_tokens"]), int(counted["completion_tokens"]))
    except (KeyError, TypeError, ValueError):
        return None
