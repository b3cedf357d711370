from pathlib import Path

import httpx
from fastapi import FastAPI
from markupsafe import Markup

from loresmith.serve.feedback import FeedbackBook, Remark
from loresmith.serve.meter import Meter
from loresmith.serve.monitor.panels import Panel
from loresmith.serve.monitor.routes import monitor_routes
from tests.serve.librarian import served

HOSTILE = "<script>alert(1)</script>"


def test_the_monitor_shows_counts_words_and_what_a_watch_adds_and_runs_nothing(tmp_path: Path) -> None:
    meter = Meter()
    meter.answer("cited", 5, 5)
    meter.request("/ask", "POST", 200, 0.3)
    remark = Remark(answer="a", value="down", words=HOSTILE, question=HOSTILE, text="t", at="2026-01-02T10:00:00")
    FeedbackBook(tmp_path).add(remark)
    app = FastAPI()
    watched = Panel("Rounds", Markup("<svg></svg>"), (("one", "promoted", "3"),))
    app.include_router(monitor_routes(meter, tmp_path, [lambda: [watched]]))
    with served(app) as site:
        shown = httpx.get(f"{site.url}/monitor", timeout=20)
        assert (
            httpx.get(f"{site.url}/monitor/monitor.js", timeout=20)
            .headers["content-type"]
            .startswith("text/javascript")
        )
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    assert "<dt>cited</dt><dd>1</dd>" in shown.text
    assert "<dt>promoted</dt><dd>3</dd>" in shown.text
    assert HOSTILE not in shown.text
    assert shown.text.count("&lt;script&gt;") == 2


def test_where_nobody_watches_the_monitor_says_so(tmp_path: Path) -> None:
    app = FastAPI()
    app.include_router(monitor_routes(Meter(), tmp_path))
    with served(app) as site:
        assert "Nobody watches this project." in httpx.get(f"{site.url}/monitor", timeout=20).text
