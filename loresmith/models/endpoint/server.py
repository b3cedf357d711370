"""One call to an OpenAI-compatible server, and what its failure means: again, never again, or the end of the round.

The key is read from the environment, sent in one header and struck out of every text that comes back.
"""

import email.utils
import os
import threading
import time
from typing import Self

import httpx

from loresmith.errors import LoresmithError, MachineError, UserError
from loresmith.models.endpoint.dialect import Asked, Dialect
from loresmith.recipe import ServerConfig

OPENAI_HOST = "api.openai.com"
MOST_BYTES = 8 << 20
"""Of one answer; a server that sends more is broken."""
LONGEST_PAUSE_SECONDS = 600.0
"""A server that asks for more wants to be asked another day."""
TRIED_AGAIN = frozenset({408, 409, 425, 429})
REFUSED_REQUEST = frozenset({400, 413, 422})
TOO_LONG = "prompt is too long for the model"
FILTERED = "refused by the server's filter"
REFUSED = "refused with status"


class CallFailed(Exception):
    """One call brought no answer; the others may."""

    def __init__(
        self, reason: str, *, may_retry: bool, pause_seconds: float | None = None, may_be_charged: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.may_retry, self.pause_seconds = reason, may_retry, pause_seconds
        self.may_be_charged = may_be_charged


class ChatServer:
    """The chat route of a server; may be used from several threads."""

    def __init__(self, config: ServerConfig) -> None:
        """Nothing is sent yet.

        Raises:
            UserError: the variable that should hold the key is empty.
        """
        self._route = config.base_url.rstrip("/") + "/chat/completions"
        self._host = httpx.URL(config.base_url).host
        self._config, self._timeout_seconds = config, config.timeout_seconds
        self._key = _key(config, self._host)
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=config.timeout_seconds,
            limits=httpx.Limits(max_connections=config.concurrency, max_keepalive_connections=config.concurrency),
        )
        self._lock = threading.Lock()
        self._dialect = Dialect()
        self._understood: set[tuple[bool, bool]] = set()
        """Kinds of request that were answered."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self._client.close()

    def ask(self, asked: Asked) -> str:
        """The raw answer, whatever it says.

        Raises:
            CallFailed: this call brought none.
            UserError: no call will bring one: key, model, address or quota are wrong.
        """
        while True:
            dialect = self._dialect
            status, headers, body = self._post(dialect.body(asked))
            if status == 200:
                self._understood.add(asked.kind)
                return body
            if status not in REFUSED_REQUEST:
                raise self._fault(status, headers, body)
            self._change_dialect(dialect, asked, status, body)

    def _post(self, body: object) -> tuple[int, httpx.Headers, str]:
        """Status, headers and text. httpx limits each read; the deadline here limits their sum."""
        deadline = time.monotonic() + self._timeout_seconds
        raw = bytearray()
        try:
            with self._client.stream("POST", self._route, json=body) as response:
                for piece in response.iter_bytes():
                    raw += piece
                    if len(raw) > MOST_BYTES:
                        raise CallFailed("answer of more than 8 MB", may_retry=False, may_be_charged=True)
                    if time.monotonic() > deadline:
                        raise CallFailed("timeout", may_retry=True, may_be_charged=True)
                return response.status_code, response.headers, self._without_key(raw.decode("utf-8", "replace"))
        except httpx.TimeoutException as fault:
            was_sent = isinstance(fault, httpx.ReadTimeout)
            raise CallFailed("timeout", may_retry=True, may_be_charged=was_sent) from fault
        except httpx.HTTPError as fault:
            was_sent = isinstance(fault, httpx.ReadError | httpx.RemoteProtocolError)
            raise CallFailed("broken connection", may_retry=True, may_be_charged=was_sent) from fault

    def _change_dialect(self, used: Dialect, asked: Asked, status: int, body: str) -> None:
        """Ask more simply from now on, or give this call up; sixteen calls that fail together change it once."""
        complaint = body.lower()
        if "context" in complaint and any(word in complaint for word in ("length", "exceed", "window")):
            raise CallFailed(TOO_LONG, may_retry=False)
        if "content_filter" in complaint or "content management policy" in complaint:
            raise CallFailed(FILTERED, may_retry=False)
        with self._lock:
            if self._dialect != used:
                return
            simpler = used.after(complaint, asked)
            if simpler is not None and asked.kind not in self._understood:
                self._dialect = simpler
                return
        if asked.kind in self._understood:  # it has understood others like this one
            raise CallFailed(f"{REFUSED} {status}", may_retry=False)
        raise UserError(
            f"{self._host} refuses the request ({status}): {_excerpt(body)}",
            next_step=f"Check {self._config.model_place} and {self._config.place}.",
        )

    def _fault(self, status: int, headers: httpx.Headers, body: str) -> CallFailed | LoresmithError:
        said = f"{self._host} answers {status}: {_excerpt(body)}"
        if status in (401, 403):
            sent = "the key was sent" if self._key else "no key was sent"
            return UserError(
                f"{said} ({sent})",
                next_step=f"Name the variable that holds a valid key: `{self._config.place}.key_variable`.",
            )
        if status == 402 or "insufficient_quota" in body:
            return UserError(said, next_step="Top up the account and run the same command; nothing is paid twice.")
        if status in TRIED_AGAIN or status >= 500:
            pause = pause_seconds(headers.get("retry-after"))
            if pause is not None and pause > LONGEST_PAUSE_SECONDS:
                return MachineError(
                    f"{self._host} asks to wait {pause:.0f} seconds.",
                    next_step="Run the same command then; it goes on where it stopped.",
                )
            return CallFailed(f"status {status}", may_retry=True, pause_seconds=pause)
        return UserError(
            said,
            next_step=f"Check {self._config.model_place} and {self._config.place}.base_url (often ends in /v1).",
        )

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "[key]") if self._key else text


def pause_seconds(retry_after: str | None) -> float | None:
    """The header `Retry-After`, in seconds or as a date, as seconds from now; `None` when it says neither."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None


def _key(config: ServerConfig, host: str) -> str:
    """A key goes only where the recipe sends it: the one for OpenAI is never sent to another host by default."""
    variable = config.key_variable or ("OPENAI_API_KEY" if host == OPENAI_HOST else None)
    if variable is None:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise UserError(
            f"The environment variable {variable} is empty, and {host} needs a key.",
            next_step=f"Set {variable}, or point `{config.place}.base_url` at a server that needs none.",
        )
    if not (key.isascii() and key.isprintable()):
        raise UserError(f"What {variable} holds is no key.", next_step="Set it again, without quotes or line breaks.")
    return key


def _excerpt(body: str) -> str:
    return " ".join(body.split())[:300] or "nothing"
