"""From the raw answer of a chat completion to the rows that it holds, or to the reason why it cannot be used.

Every answer that is asked for is an object with one key and a list under it. Text around the JSON is passed over
(fences, thoughts of a reasoning model); the JSON itself is never repaired.
"""

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from loresmith.characters import storable

NO_COMPLETION = "no chat completion"
REFUSED = "refused by the model"
EMPTY = "empty answer"
TRUNCATED = "truncated JSON"
NO_JSON = "no JSON"
WRONG_SCHEMA = "wrong schema"

Row = TypeVar("Row", bound=BaseModel, covariant=True)
AnyRow = TypeVar("AnyRow", bound=BaseModel)


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the server counted them."""

    prompt: int
    completion: int


@dataclass(frozen=True)
class Reply(Generic[Row]):
    """What one raw answer says."""

    rows: tuple[Row, ...] = ()
    fault: str | None = None
    """Why nothing of it can be used."""
    misshapen: int = 0
    """Rows left out because a key was missing or of the wrong type."""
    usage: Usage | None = None
    """`None` when the server counted nothing."""


def rows_in(body: str, key: str, kind: type[AnyRow]) -> Reply[AnyRow]:
    """The rows under `key` in the raw answer `body`, each a `kind`."""
    try:
        completion = json.loads(body)
        choice = completion["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content"), message.get("refusal")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Reply(fault=NO_COMPLETION)
    usage = counted(completion.get("usage"))
    if refusal:
        return Reply(fault=REFUSED, usage=usage)
    if text is not None and not isinstance(text, str):
        return Reply(fault=NO_COMPLETION, usage=usage)
    if text is None or not text.strip():
        return Reply(fault=EMPTY, usage=usage)
    found = _object_in(text, key)
    if found is None:
        is_cut = choice.get("finish_reason") == "length" or f'"{key}"' in text
        return Reply(fault=TRUNCATED if is_cut else NO_JSON, usage=usage)
    return _validated(found[key], kind, usage)


def said(body: str) -> str:
    """What the model said in the raw answer `body`; the answer itself where it is no completion."""
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return body
    return storable(text) if isinstance(text, str) else body


def _validated(written: Any, kind: type[AnyRow], usage: Usage | None) -> Reply[AnyRow]:
    if not isinstance(written, list):
        return Reply(fault=WRONG_SCHEMA, usage=usage)
    rows = []
    for row in written:
        try:
            rows.append(kind.model_validate(_mended(row)))
        except (ValidationError, RecursionError):  # a model that repeats itself may open 500 lists
            continue
    misshapen = len(written) - len(rows)
    fault = WRONG_SCHEMA if misshapen and not rows else None
    return Reply(tuple(rows), fault, misshapen, usage)


def _mended(value: Any) -> Any:
    """The JSON value with every text in it as a file can hold it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    return {key: _mended(item) for key, item in value.items()} if isinstance(value, dict) else value


def _object_in(text: str, key: str) -> dict[str, Any] | None:
    """The last whole JSON object with `key`; a model that thinks aloud ends with the answer it means."""
    decoder, found, at = json.JSONDecoder(), None, text.find("{")
    first: dict[str, Any] | None = None
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if isinstance(value, dict) and key in value:
                found = value
            elif isinstance(value, dict) and f'"{key}"' not in text:
                first = first or {key: None}  # JSON of another shape, not a beginning that was cut
        at = text.find("{", end)
    return found or first


def counted(told: Any) -> Usage | None:
    """The tokens of a call as its server told them."""
    try:
        return Usage(int(told["prompt_tokens"]), int(told["completion_tokens"]))
    except (KeyError, TypeError, ValueError):
        return None
