"""How a server wants to be asked. OpenAI-compatible servers differ in what they take; what one refuses is left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from loresmith.models.prompts import Message

Form = Literal["json_schema", "json_object", "plain"]
_WEAKER: dict[Form, Form] = {"json_schema": "json_object", "json_object": "plain"}


@dataclass(frozen=True)
class Dialect:
    """What goes into a request. The answer is constrained as strictly as the server can."""

    form: Form = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    has_temperature: bool = True
    has_seed: bool = True
    has_logprobs: bool = True

    def body(self, asked: "Asked") -> dict[str, Any]:
        """The JSON of the request."""
        body: dict[str, Any] = {"model": asked.model, "messages": list(asked.messages), self.limit: asked.most}
        if self.has_temperature and asked.temperature is not None:
            body["temperature"] = asked.temperature
        if self.has_seed and asked.seed is not None:
            body["seed"] = asked.seed
        if self.has_logprobs and asked.top_logprobs:
            body |= {"logprobs": True, "top_logprobs": asked.top_logprobs}
        if asked.schema is None:
            return body
        if self.form == "json_schema":
            shape = {"name": "answer", "strict": True, "schema": asked.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif self.form == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def after(self, complaint: str, asked: "Asked") -> "Dialect | None":
        """What to try when the server refused `asked` with `complaint`; `None` when nothing is left to leave out."""
        if self.limit == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, limit="max_completion_tokens")
        if self.has_temperature and "temperature" in complaint:
            return replace(self, has_temperature=False)
        if self.has_seed and re.search(r"\bseed\b", complaint):
            return replace(self, has_seed=False)
        if self.has_logprobs and asked.top_logprobs:
            return replace(self, has_logprobs=False)
        weaker = _WEAKER.get(self.form) if asked.schema is not None else None
        return replace(self, form=weaker) if weaker else None


@dataclass(frozen=True)
class Asked:
    """One request, in no dialect yet."""

    model: str
    messages: Sequence[Message]
    schema: dict[str, Any] | None
    """`None`: the answer is free text."""
    most: int
    """Tokens of the answer."""
    temperature: float | None
    seed: int | None
    top_logprobs: int | None = None
    """How many of the likeliest tokens are wanted at each place, with their log-probabilities."""

    @property
    def kind(self) -> tuple[bool, bool]:
        """What of it a server may not understand: a constraint, log-probabilities."""
        return self.schema is not None, self.top_logprobs is not None
