"""Who may come in, how much may be sent, and what a browser may do with our pages: one gate before every route.

Plain ASGI, so that streams pass through it piece by piece and a client that leaves is noticed at once.
"""

import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loresmith.errors import UserError
from loresmith.serve.schema import fault

LARGEST_BODY_BYTES = 1 << 20
TOO_LARGE = f"The request is longer than {LARGEST_BODY_BYTES} bytes."
SHORTEST_KEY = 8
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
        return hmac.compare_digest(given.encode(), self._secret)

    def admits(self, headers: Headers) -> bool:
        """Whether a request with these headers comes from somebody who knows the secret."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.fits(token.strip()):
            return True
        return hmac.compare_digest(_cookie(headers.get("cookie", "")).encode(), self.cookie.encode())


class Gate:
    """Lets in who may enter; adds the headers that keep a browser at home."""

    def __init__(self, app: ASGIApp, key: Key | None = None, hosts: Iterable[str] | None = None) -> None:
        self._app, self._key = app, key
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        await (refusal or self._app)(scope, _counted(receive), _with_policy(send))

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        if self._hosts is not None and _host(headers.get("host", "")) not in self._hosts:
            # A page elsewhere can point its own name at 127.0.0.1 and then read what we answer (DNS rebinding).
            return _refused(421, "This server answers to its own address only.", "wrong_host")
        if self._key is not None and scope["path"] not in OPEN_PATHS and not self._key.admits(headers):
            if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                return RedirectResponse("/sign-in", status_code=303)
            return _refused(401, "The API key is missing or wrong.", "invalid_api_key")
        if (length := headers.get("content-length", "0")).isdigit() and int(length) > LARGEST_BODY_BYTES:
            return _refused(413, TOO_LARGE, "body_too_large")
        return None


def _counted(receive: Receive) -> Receive:
    """`receive`, refusing to go on where a body that came without its length turns out too long."""
    read = 0

    async def receive_counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY_BYTES:
            raise HTTPException(413, TOO_LARGE)
        return message

    return receive_counted


@dataclass(frozen=True)
class Access:
    """Where a site will be reached, and who may."""

    host: str = "127.0.0.1"
    api_key: str | None = None

    @property
    def key(self) -> Key | None:
        """The key of the door, where there is one."""
        return Key(self.api_key) if self.api_key is not None else None

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """The names that the site answers to; `None`: any.

        Behind a key the name does not matter; without one only this machine may ask, by its own names.
        """
        return own_names(self.host) if self.api_key is None and is_loopback(self.host) else None


def require_safe_address(host: str, key: str | None) -> None:
    """Refuse an address that others can reach while no key is set, and a key that can be guessed.

    Raises:
        UserError: names the ways out.
    """
    if key is not None and len(key) < SHORTEST_KEY:
        raise UserError(
            f"The API key has {len(key)} characters; at least {SHORTEST_KEY} are needed.",
            next_step="Make one with `openssl rand -hex 16`, or leave it out and stay on this machine.",
        )
    if key is None and not is_loopback(host):
        raise UserError(
            f"{host} can be reached from other machines, and no API key is set.",
            next_step="Set LORESMITH_API_KEY (or --api-key), or stay with --host 127.0.0.1.",
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


def _refused(status: int, message: str, code: str) -> JSONResponse:
    return JSONResponse(fault(message, kind="invalid_request_error", code=code), status_code=status)


def _with_policy(send: Send) -> Send:
    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", PAGE_POLICY)
            headers.setdefault("x-content-type-options", "nosniff")
            headers.setdefault("referrer-policy", "no-referrer")
        await send(message)

    return send_with_policy


def _cookie(header: str) -> str:
    found: SimpleCookie = SimpleCookie()
    try:
        found.load(header)
    except CookieError:
        return ""
    return found[COOKIE].value if COOKIE in found else ""


def _host(header: str) -> str:
    """The name in a Host header, without port and brackets."""
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdigit() else header
    return name.strip("[]").lower()
