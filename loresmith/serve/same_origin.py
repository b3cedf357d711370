"""Writing is for our own pages: a page elsewhere can make a browser post here, though it cannot read the answer."""

from fastapi import Request

from loresmith.serve.faults import Refused

BYTES = "application/octet-stream"


def require_own_page(request: Request) -> None:
    """Refuse a request that another site made a browser send; programs, which send neither header, may write.

    Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`), and no page elsewhere can send JSON without
    asking first, which nobody here answers.

    Raises:
        Refused: it comes from elsewhere, or is no JSON.
    """
    _require(request, "application/json", "Send JSON, with content-type application/json.", "no_json")


def require_own_bytes(request: Request) -> None:
    """As `require_own_page` for a file, sent as bytes of no kind, which no page elsewhere can send unasked either."""
    _require(request, BYTES, f"Send the file's bytes, with content-type {BYTES}.", "no_bytes")


def _require(request: Request, kind: str, message: str, code: str) -> None:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    # behind a proxy our own name is not the one in the address bar, so the browser's own word counts first
    is_ours = site == "same-origin" if site is not None else origin is None or _host(origin) == _own_host(request)
    if not is_ours:
        raise Refused("This can only be sent from our own page.", status=403, code="wrong_origin")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != kind:
        raise Refused(message, status=415, code=code)


def _host(origin: str) -> str:
    return origin.partition("://")[2].lower()


def _own_host(request: Request) -> str:
    return request.headers.get("host", "").lower()
