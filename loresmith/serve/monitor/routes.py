"""`/monitor`: the pictures, drawn anew at each look, and a script that looks again."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from loresmith.serve.feedback import latest
from loresmith.serve.files import offer
from loresmith.serve.meter import Meter
from loresmith.serve.monitor.panels import Panel, panels_of, thumbs
from loresmith.templates import templates_in

MONITOR_PATH = "/monitor"
FOLDER = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
FILES = ("monitor.css", "monitor.js")
MOST_WORDS = 8
"""Latest remarks with words that are shown."""
Further = Callable[[], Sequence[Panel]]
"""Panels of somebody else, such as a watch, asked for at each look."""


def monitor_routes(meter: Meter, feedback: Path, further: Sequence[Further] = ()) -> APIRouter:
    """What `meter` counted and what was said in the folder `feedback`; the panels of `further` come below."""
    routes = APIRouter(prefix=MONITOR_PATH, include_in_schema=False)
    environment = templates_in(FOLDER)
    page = environment.get_template("monitor.html")

    @routes.get("")
    def monitor() -> Response:
        said = latest(feedback)
        spoken = [remark for remark in said.values() if remark.words or remark.correction]
        text = page.render(
            panels=[*panels_of(meter.chronicle.told()), thumbs(said)],
            width=meter.chronicle.width_seconds,
            remarks=sorted(spoken, key=lambda remark: remark.at, reverse=True)[:MOST_WORDS],
            watched=[panel for ask in further for panel in ask()],
        )
        return HTMLResponse(text, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    for name in FILES:
        offer(routes, f"/{name}", FOLDER / name)
    return routes
