"""The Chat tab: a conversation, its sources beside it, and the first questions to try."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from loresmith.answer.follow_up import standing_alone
from loresmith.characters import one_line
from loresmith.errors import LoresmithError
from loresmith.serve.desk import Desk, Told
from loresmith.serve.faults import Refused
from loresmith.serve.feedback import Value
from loresmith.serve.feedback_routes import FeedbackDesk, FeedbackRequest
from loresmith.serve.page import sources
from loresmith.serve.page.look import fragment
from loresmith.serve.page.text import inert, written
from loresmith.serve.schema import LONGEST_MESSAGE

INVITATION = (
    "### Ask your documents\nEvery answer names the page it comes from. A follow-up may lean on your earlier questions."
)
WAITING = "…"

Turn = dict[str, Any]
"""`{"role": ..., "content": ...}` as the conversation shows it; a whole answer has its id under `metadata`."""
THUMBS: dict[str, Value] = {"Like": "up", "Dislike": "down"}
View = tuple[list[Turn], str]
"""The conversation, and the panel of sources."""


def chat_tab(
    desk: Desk, examples: Sequence[str], feedback: FeedbackDesk | None = None, *, can_open: bool = False
) -> None:
    """Draw the tab inside the current Blocks; thumbs go to `feedback`; sources lead to documents that `can_open`."""
    with gr.Row(elem_id="chat", equal_height=False):
        with gr.Column(scale=7, min_width=320, elem_id="talk"):
            talk = gr.Chatbot(
                show_label=False,
                height="100%",
                layout="bubble",
                buttons=["copy"],
                feedback_options=list(THUMBS) if feedback is not None else None,
                sanitize_html=True,
                allow_tags=False,
                latex_delimiters=[{"left": "$$", "right": "$$", "display": True}],
                placeholder=INVITATION,
                examples=[{"text": question} for question in examples],
                elem_id="conversation",
            )
            with gr.Row(elem_id="ask"):
                box = gr.Textbox(
                    show_label=False,
                    label="Your question",
                    placeholder="Ask a question",
                    lines=1,
                    max_lines=6,
                    max_length=LONGEST_MESSAGE,
                    container=False,
                    autofocus=True,
                    scale=8,
                    elem_id="question",
                )
                send = gr.Button("Ask", variant="primary", scale=0, min_width=88, elem_id="send")
        with gr.Column(scale=4, min_width=300, elem_id="sources-column"):
            fragment("<h2>Sources</h2>", elem_classes="panel-title")
            panel = fragment(sources.NOTHING_ASKED, elem_id="sources")

    async def answer(question: str, talked: list[Any]) -> AsyncIterator[View]:
        async for view in conversation(desk, question, talked or [], can_open=can_open):
            yield view

    async def answer_example(talked: list[Any], chosen: gr.SelectData) -> AsyncIterator[View]:
        async for view in conversation(desk, str(chosen.value["text"]), talked or [], can_open=can_open):
            yield view

    asked = gr.State("")
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    for submitted in (box.submit, send.click):
        submitted(lambda text: (text, ""), box, [asked, box], queue=False, **quiet).then(
            answer, [asked, talk], [talk, panel], concurrency_limit=None, **quiet
        )
    talk.example_select(answer_example, talk, [talk, panel], concurrency_limit=None, **quiet)
    if feedback is not None:

        async def rate(talked: list[Any], given: gr.LikeData) -> None:
            await thumb(feedback, talked or [], given.index, given.liked)

        talk.like(rate, talk, None, queue=False, **quiet)
    talk.clear(lambda: sources.NOTHING_ASKED, None, panel, queue=False, **quiet)


async def conversation(
    desk: Desk, question: str, talked: Sequence[Turn], *, can_open: bool = False
) -> AsyncIterator[View]:
    """What to show after each piece of the answer to `question`; a fault is said in the conversation."""
    question = question.strip()
    if not question:
        return
    asked = standing_alone(question, earlier(talked))
    note = "" if asked == question else f"\n\n*Understood as: {one_line(asked)}*"
    before = [*talked, {"role": "user", "content": inert(question)}]

    def view(text: str, panel: str, answer_id: str | None = None) -> View:
        turn: Turn = {"role": "assistant", "content": inert(text)}
        return [*before, turn if answer_id is None else {**turn, "metadata": {"id": answer_id}}], panel

    yield view(WAITING, sources.READING)
    said = ""
    try:
        reply = desk.stream(asked)
        try:
            async for piece in reply:
                if isinstance(piece, Told):
                    yield view(piece.answer.text + note, sources.cards(piece.answer, can_open=can_open), piece.id)
                else:
                    said += piece
                    yield view(said, sources.READING)
        finally:
            reply.close()
    except LoresmithError as fault:
        yield view(f"{fault.problem} {fault.next_step}", sources.NOTHING_ASKED)


def earlier(talked: Sequence[Turn]) -> list[str]:
    """The questions of the conversation as they were written, oldest first."""
    return [written(_words(turn.get("content"))) for turn in talked if turn.get("role") == "user"]


def _words(content: Any) -> str:
    """The text of a turn, which comes back from the browser whole or in parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


async def thumb(feedback: FeedbackDesk, talked: Sequence[Turn], place: Any, liked: bool | str) -> None:
    """What was thought of the answer at `place` is kept; a thumb on something else, or taken back, is not.

    A fault is said to whoever gave it.
    """
    value = THUMBS.get(liked) if isinstance(liked, str) else "up" if liked else "down"
    turn = talked[place] if isinstance(place, int) and 0 <= place < len(talked) else {}
    answer_id = (turn.get("metadata") or {}).get("id")
    if value is None or not answer_id:
        return
    try:
        await feedback.take(FeedbackRequest(answer=answer_id, value=value))
    except Refused as fault:
        raise gr.Error(fault.message) from fault
    except LoresmithError as fault:
        raise gr.Error(f"{fault.problem} {fault.next_step}") from fault
