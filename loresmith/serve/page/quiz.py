"""The Quiz tab: questions one at a time, feedback with the source at once, a score and a review at the end."""

from functools import partial
from typing import Any

import gradio as gr
import numpy as np

from loresmith.models.prompts import LETTERS
from loresmith.quiz.bank import Bank
from loresmith.quiz.session import Session
from loresmith.quiz.start import start
from loresmith.serve.page import quiz_cards
from loresmith.serve.page.look import fragment

LARGEST_SEED = 1 << 31
ALL = "All documents"


def quiz_tab(bank: Bank | None, count: int, *, can_open: bool = False) -> None:
    """Draw the tab inside the current Blocks; quizzes have `count` questions, sources lead to what `can_open`."""
    if bank is None or not len(bank):
        fragment('<p class="quiet">No quiz questions yet: run <code>loresmith generate</code>.</p>')
        return
    session: gr.State = gr.State(None)
    with gr.Column(elem_id="quiz"):
        with gr.Column(elem_id="quiz-start") as opening:
            fragment(quiz_cards.invitation(min(count, len(bank)), len(bank.documents)))
            with gr.Row(elem_id="quiz-choice"):
                topic = gr.Dropdown(
                    [ALL, *bank.documents], value=ALL, label="About", container=False, scale=3, elem_id="quiz-about"
                )
                begin = gr.Button("Start the quiz", variant="primary", scale=1, min_width=150, elem_id="quiz-begin")
        with gr.Column(visible=False, elem_id="quiz-question") as asking:
            question = fragment()
            with gr.Column(elem_id="quiz-options") as offered:
                options = [gr.Button(visible=False, elem_classes="option") for _ in LETTERS]
            feedback = fragment(elem_id="quiz-feedback")
            onward = gr.Button("Next question", variant="primary", visible=False, elem_id="quiz-next")
        with gr.Column(visible=False, elem_id="quiz-result") as ending:
            score = fragment()
            again = gr.Button("Another quiz", variant="primary", elem_id="quiz-again")
            review = fragment()

    def drawn(about: str) -> list[Any]:
        chosen = () if about == ALL else (about,)
        begun = start(bank, count, seed=int(np.random.default_rng().integers(LARGEST_SEED)), documents=chosen)
        return [begun, gr.Column(visible=False), gr.Column(visible=True), *_asked(begun)]

    def graded(position: int, now: Session) -> list[Any]:
        asked = now.current
        if asked is None or position >= len(asked.options):
            return [gr.skip()] * len(moved)
        after, said = now.answered(asked.options[position])
        label = "See the result" if after.is_finished else "Next question"
        shown = quiz_cards.marked(asked.options, said) + quiz_cards.explained(
            said, quiz_cards.evidence_at(asked) if can_open else None
        )
        heading = quiz_cards.heading(asked, len(after.replies), after)
        return [after, heading, gr.Column(visible=False), shown, gr.Button(label, visible=True)]

    def moved_on(now: Session) -> list[Any]:
        if not now.is_finished:
            return [*[gr.skip()] * 4, *_asked(now)]
        told = now.result()
        pages = [gr.Column(visible=False), gr.Column(visible=True)]
        return [*pages, quiz_cards.score(told), quiz_cards.review(told, can_open=can_open), *[gr.skip()] * len(card)]

    def returned() -> list[Any]:
        return [gr.Column(visible=False), gr.Column(visible=True)]

    card = [question, offered, feedback, onward, *options]
    moved = [session, question, offered, feedback, onward]
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
    begin.click(drawn, topic, [session, opening, asking, *card], **quiet)
    for position, option in enumerate(options):
        option.click(partial(graded, position), session, moved, **quiet)
    onward.click(moved_on, session, [asking, ending, score, review, *card], **quiet)
    again.click(returned, None, [ending, opening], **quiet)


def _asked(session: Session) -> list[Any]:
    """The current question on its card: heading, options, no feedback, no way on."""
    asked = session.current
    assert asked is not None
    heading = quiz_cards.heading(asked, len(session.replies) + 1, session)
    buttons = [gr.Button(option, visible=True) for option in asked.options]
    unused = [gr.Button(visible=False)] * (len(LETTERS) - len(buttons))
    return [heading, gr.Column(visible=True), "", gr.Button(visible=False), *buttons, *unused]
