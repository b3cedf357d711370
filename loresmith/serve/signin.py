"""Signing in where a key is set: one field; who knows the key gets a cookie that scripts cannot read."""

import asyncio
import html
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from loresmith.serve.access import COOKIE, Door

WRONG_KEY_SECONDS = 0.5
"""A wrong key costs this long, which makes guessing hopeless."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
FORM = Path(__file__).with_name("sign-in.html")


def sign_in_routes(key: Door, name: str) -> APIRouter:
    """`/sign-in`, shown for the expert called `name`."""
    routes = APIRouter(include_in_schema=False)

    shown = Template(FORM.read_text(encoding="utf-8"))

    def form(status: int = 200, wrong: str = "") -> Response:
        text = shown.substitute(name=html.escape(name), wrong=wrong)
        return HTMLResponse(text, status_code=status, headers={"content-security-policy": POLICY})

    @routes.get("/sign-in")
    async def show() -> Response:
        return form()

    @routes.post("/sign-in")
    async def enter(request: Request) -> Response:
        given = parse_qs((await request.body()).decode("utf-8", "replace")).get("key", [""])[0]
        if (cookie := key.enter(given)) is None:
            await asyncio.sleep(WRONG_KEY_SECONDS)
            return form(401, '<p class="wrong" role="alert">That is not the key.</p>')
        entered = RedirectResponse("/", status_code=303)
        entered.set_cookie(COOKIE, cookie, httponly=True, samesite="strict")
        return entered

    return routes
