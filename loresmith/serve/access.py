"""Who may come in, how much may be sent, and what a browser may do with our pages: one gate before every route.

Plain ASGI, so that streams pass through it piece by piece and a client that leaves is noticed at once.
"""

import asyncio
import hmac
import ipaddress
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loresmith.errors import UserError
from loresmith.recipe import ServeConfig
from loresmith.serve.meter import Meter
from loresmith.serve.rate import Buckets, household
from loresmith.serve.schema import fault

LARGEST_BODY_BYTES = 1 << 20
BODY_SECONDS = 30.0
TOO_SLOW = "The request did not come to its end in time."
SHORTEST_KEY = 8
NAMELESS = "key"
"""What the one key without a name is called in counts."""
CLIENT = "loresmith.client"
LOOKING = ("GET", "HEAD", "OPTIONS")
COOKIE = "loresmith"
OPEN_PATHS = ("/healthz", "/sign-in")
PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio starts from inline scripts and compiles templates
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
"""No picture, script or request may leave for another host, whatever a model writes into its answer."""


class Key:
    """The secret that opens the door, as a bearer token or as the cookie that signing in leaves."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.cookie = hmac.digest(self._secret, b"loresmith page", "sha256").hex()

    def fits(self, given: str) -> bool:
        """Whether `given` is the secret; takes as long for a near miss as for a far one."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._secret)

    def enter(self, given: str) -> str | None:
        """The cookie for who knows the secret."""
        return self.cookie if self.fits(given) else None

    def who(self, headers: Headers) -> str | None:
        """`NAMELESS` where a request with these headers comes from somebody who knows the secret."""
        if (token := bearer(headers)) and self.fits(token):
            return NAMELESS
        return NAMELESS if hmac.compare_digest(cookie_in(headers).encode(), self.cookie.encode()) else None


class Door(Protocol):
    """Knows who may come in."""

    def who(self, headers: Headers) -> str | None:
        """The name of the key that a request with these headers shows; `None` without one."""
        ...

    def enter(self, given: str) -> str | None:
        """The cookie for who knows the key `given`; `None` for a wrong one."""
        ...


@dataclass(frozen=True)
class Room:
    """What the body of a request may be."""

    size_bytes: int = LARGEST_BODY_BYTES
    seconds: float = BODY_SECONDS

    @property
    def too_large(self) -> str:
        """What a longer one is told."""
        return f"The request is longer than {self.size_bytes} bytes."


@dataclass(frozen=True)
class House:
    """The rules of a gate."""

    key: Door | None = None
    hosts: tuple[str, ...] | None = None
    """The names that are answered to; `None`: any."""
    buckets: Buckets | None = None
    """What a client may send; `None`: anything."""
    open_paths: tuple[str, ...] = OPEN_PATHS
    room: Room = Room()
    rooms: Mapping[str, Room] = field(default_factory=dict)
    """Paths with a room of their own."""


class Gate:
    """Lets in who may enter; adds the headers that keep a browser at home."""

    def __init__(self, app: ASGIApp, house: House, meter: Meter | None = None) -> None:
        self._app, self._house = app, house
        self._meter = meter or Meter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers) or self._too_much(scope)
        await (refusal or self._app)(scope, _counted(receive, self._room(scope)), _with_policy(send))

    def _room(self, scope: Scope) -> Room:
        return self._house.rooms.get(scope["path"], self._house.room)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        house = self._house
        if "content-length" in headers and "transfer-encoding" in headers:
            # A proxy before us may believe the one and we the other; then the rest would pass as a request of its own.
            message = "The request tells its length in two ways."
            return _refused(400, message, "two_lengths", headers={"connection": "close"})
        if house.hosts is not None and _host(headers.get("host", "")) not in house.hosts:
            # A page elsewhere can point its own name at 127.0.0.1 and then read what we answer (DNS rebinding).
            return _refused(421, "This server answers to its own address only.", "wrong_host")
        if house.key is not None:
            scope[CLIENT] = house.key.who(headers)
            if scope[CLIENT] is not None:
                self._meter.client(scope[CLIENT])
            elif scope["path"] not in house.open_paths:
                if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                    return RedirectResponse("/sign-in", status_code=303)
                return _refused(401, "The API key is missing or wrong.", "invalid_api_key")
        room = self._room(scope)
        if (length := headers.get("content-length", "0")).isdigit() and int(length) > room.size_bytes:
            return _refused(413, room.too_large, "body_too_large")
        return None

    def _too_much(self, scope: Scope) -> ASGIApp | None:
        """A refusal for a client that sends more than it may; looking costs nothing."""
        if self._house.buckets is None or scope["method"] in LOOKING:
            return None
        name = client_name(scope)
        address = household(scope["client"][0]) if scope.get("client") else "unknown"
        seconds = self._house.buckets.take(f"address {address}" if name in (None, NAMELESS) else f"key {name}")
        if not seconds:
            return None
        self._meter.turned_away("rate")
        whole = math.ceil(seconds)
        return _refused(
            429, f"Too many requests; send the next in {whole} seconds.", "rate_limit_exceeded",
            kind="rate_limit_error", headers={"retry-after": str(whole)},
        )  # fmt: skip


def client_name(scope: Scope) -> str | None:
    """The name of the key that opened, where there are keys."""
    name: str | None = scope.get(CLIENT)
    return name


def _counted(receive: Receive, room: Room) -> Receive:
    """`receive`, refusing to go on where a body came without its length and is too long, or trickles."""
    read, is_whole = 0, False
    until = time.monotonic() + room.seconds

    async def receive_counted() -> Message:
        nonlocal read, is_whole
        if is_whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(until - time.monotonic(), 0))
        except TimeoutError as slow:
            raise HTTPException(408, TOO_SLOW, headers={"connection": "close"}) from slow
        is_whole = not message.get("more_body", False)
        read += len(message.get("body", b""))
        if read > room.size_bytes:
            raise HTTPException(413, room.too_large)
        return message

    return receive_counted


@dataclass(frozen=True)
class Access:
    """Where a site will be reached, and who may."""

    host: str = "127.0.0.1"
    api_key: str | None = None
    keys_file: Path | None = None

    @cached_property
    def key(self) -> Door | None:
        """Who knows the keys, where there are some.

        Raises:
            UserError: the file of keys cannot be used.
        """
        from loresmith.serve.keys import Ring

        master = Key(self.api_key) if self.api_key is not None else None
        return master if self.keys_file is None else Ring(self.keys_file, master)

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """The names that the site answers to; `None`: any.

        Behind a key the name does not matter; without one only this machine may ask, by its own names.
        """
        return own_names(self.host) if self.key is None and is_loopback(self.host) else None


def access_of(config: ServeConfig, api_key: str | None) -> Access:
    """The access that `config` describes, tried before the seconds of starting.

    Raises:
        UserError: the address is not safe, or the file of keys cannot be used.
    """
    keys_file = Path(config.keys_file) if config.keys_file is not None else None
    access = Access(config.host, api_key, keys_file)
    require_safe_address(config.host, api_key, keys_file)
    _ = access.key  # reads the file
    return access


def require_safe_address(host: str, key: str | None, keys_file: Path | None = None) -> None:
    """Refuse an address that others can reach while no key is set, and a key that can be guessed.

    Raises:
        UserError: names the ways out.
    """
    if key is not None and len(key) < SHORTEST_KEY:
        raise UserError(
            f"The API key has {len(key)} characters; at least {SHORTEST_KEY} are needed.",
            next_step="Make one with `openssl rand -hex 16`, or leave it out and stay on this machine.",
        )
    if key is None and keys_file is None and not is_loopback(host):
        raise UserError(
            f"{host} can be reached from other machines, and no API key is set.",
            next_step="Set LORESMITH_API_KEY (or --api-key, or --keys-file), or stay with --host 127.0.0.1.",
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_names(host: str) -> tuple[str, ...]:
    """The Host headers that a server on the loopback address `host` answers to."""
    return (host, "localhost", "127.0.0.1", "::1")


def _refused(
    status: int, message: str, code: str, *, kind: str = "invalid_request_error", headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(fault(message, kind=kind, code=code), status_code=status, headers=headers)


def _with_policy(send: Send) -> Send:
    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", PAGE_POLICY)
            headers.setdefault("x-content-type-options", "nosniff")
            headers.setdefault("referrer-policy", "no-referrer")
        await send(message)

    return send_with_policy


def bearer(headers: Headers) -> str:
    """The token that a request shows; empty without one."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def cookie_in(headers: Headers) -> str:
    """Our cookie of a request; empty without one."""
    found: SimpleCookie = SimpleCookie()
    try:
        found.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    return found[COOKIE].value if COOKIE in found else ""


def _host(header: str) -> str:
    """The name in a Host header, without port and brackets."""
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdigit() else header
    return name.strip("[]").lower()
