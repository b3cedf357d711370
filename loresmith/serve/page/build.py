"""The whole page, put together and mounted on the application at `/`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
from fastapi import FastAPI

from loresmith.quiz.bank import Bank
from loresmith.serve.desk import Desk
from loresmith.serve.documents.address import DOCUMENTS_PATH
from loresmith.serve.feedback_routes import FeedbackDesk
from loresmith.serve.monitor.routes import MONITOR_PATH
from loresmith.serve.page.assets import VIEWER_PATH
from loresmith.serve.page.chat import chat_tab
from loresmith.serve.page.closed import Closed
from loresmith.serve.page.framed import framed_tab
from loresmith.serve.page.look import CSS, fragment, theme
from loresmith.serve.page.quiz import quiz_tab
from loresmith.serve.page.text import plain
from loresmith.serve.report import REPORT_PATH
from loresmith.serve.review.routes import REVIEW_PATH

HEAD = f'<script src="{VIEWER_PATH}" defer></script>'
MOST_HANDLERS = 64
"""Page events that wait; a question counts as one, and the desk says no long before."""


@dataclass(frozen=True)
class PageFacts:
    """What the page says about the expert."""

    name: str
    documents: int
    passages: int
    writer: str | None
    """Who writes the answers; `None`: the best passages are the answer."""
    examples: Sequence[str]
    quiz_questions: int
    has_report: bool
    has_questions: bool = False
    """Whether there is something to review."""
    has_documents: bool = False
    """Whether documents can be looked at, and sources lead to their passages."""
    has_monitor: bool = False


def mount_page(
    app: FastAPI, desk: Desk, bank: Bank | None, facts: PageFacts, feedback: FeedbackDesk | None = None
) -> FastAPI:
    """`app` with the page at `/`; routes that `app` had before stay what they were. Thumbs go to `feedback`."""

    async def mounted() -> FastAPI:
        return _mounted(app, desk, bank, facts, feedback)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(mounted())  # Gradio opens an event loop of its own where none runs, and never closes it
    return _mounted(app, desk, bank, facts, feedback)


def _mounted(app: FastAPI, desk: Desk, bank: Bank | None, facts: PageFacts, feedback: FeedbackDesk | None) -> FastAPI:
    app.add_middleware(Closed)
    page = gr.Blocks(title=f"{facts.name} · Loresmith", analytics_enabled=False, fill_width=True)
    with page:
        fragment(_banner(facts), elem_id="banner")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Chat", id="chat"):
                chat_tab(desk, facts.examples, feedback, can_open=facts.has_documents)
            with gr.Tab("Quiz", id="quiz"):
                quiz_tab(bank, facts.quiz_questions, can_open=facts.has_documents)
            if facts.has_documents:
                with gr.Tab("Documents", id="documents"):
                    framed_tab(DOCUMENTS_PATH, "Documents")
            with gr.Tab("Report", id="report"):
                fragment(_report(facts.has_report), elem_id="report")
            if facts.has_monitor:
                with gr.Tab("Monitor", id="monitor"):
                    framed_tab(MONITOR_PATH, "Monitor")
            if facts.has_questions:
                with gr.Tab("Review", id="review"):
                    framed_tab(REVIEW_PATH, "Review of questions")
    page.queue(max_size=MOST_HANDLERS, default_concurrency_limit=4)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=theme(),
        css_paths=[CSS],
        head=HEAD,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        max_file_size=1,
    )
    return mounted


def _banner(facts: PageFacts) -> str:
    written = f"answers: {facts.writer}" if facts.writer else "answers: quotes, no model"
    told = [f"{facts.documents} documents", f"{facts.passages} passages", written]
    rows = "".join(f"<li>{plain(fact)}</li>" for fact in told)
    return (
        f'<h1><span class="brand">Loresmith</span><span class="expert">{plain(facts.name)}</span></h1><ul>{rows}</ul>'
    )


def _report(has_report: bool) -> str:
    if not has_report:
        return '<p class="quiet">No report yet: run <code>loresmith report</code>, then start the page again.</p>'
    return (
        f'<p class="report-link"><a href="{REPORT_PATH}" target="_blank" rel="noopener">Open in a new tab</a></p>'
        f'<iframe src="{REPORT_PATH}" title="Report" sandbox="allow-popups" loading="lazy"></iframe>'
    )
