"""One step of a lesson: what the learner said moves the state, and the tutor has something to say.

    open ── a topic ──> explained / asked back ── an answer ──> right: praised, open again
                              │                            └──> wrong: hint, hint, then the answer with its source
                              └── "hint", "answer", "skip", or another question

Pure but for `Sources`, which look into an index and a bank that do not change: the same words give the same lesson.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from loresmith.answer.follow_up import standing_alone
from loresmith.errors import UserError
from loresmith.models.prompts import LETTERS, REFUSAL
from loresmith.quiz.session import lettered
from loresmith.records import Citation, Evidence, Passage, Question
from loresmith.scoring.short import mark
from loresmith.tutor.hints import HINTS, hint
from loresmith.tutor.state import Manner, Move, State

MOST_ASKED = 5
"""Questions on one topic in `quiz-me`."""
_FRAME = re.compile(r"^(?:Choose the right answer|Which option is correct|Pick one option)[.?] ")
_HINT = re.compile(
    r"^\W*(?:(?:a |another |give me a |one more )?(?:hint|clue|tip)|help(?: me)?)\b|\bhint\b", re.IGNORECASE
)
_LOST = re.compile(r"\b(?:no idea|not sure|don['’]?t know|do not know|dunno|no clue)\b", re.IGNORECASE)
_REVEAL = re.compile(r"^\W*(?:the )?(?:answer|solution)\b|\b(?:give up|show me|tell me|reveal)\b", re.IGNORECASE)
_NEXT = re.compile(r"^\W*(?:next|skip|another(?: one| question)?|go on|more|continue)\W*$", re.IGNORECASE)
_ASKING = re.compile(
    r"^(?:what|who|when|where|why|how|which|explain|describe|define|tell me about|quiz me)\b", re.IGNORECASE
)
_ABOUT = re.compile(r"^\W*(?:please )?(?:quiz|test|teach|tutor) me (?:on|about|in)\s+", re.IGNORECASE)


class Sources(Protocol):
    """What a lesson rests on."""

    def passages(self, topic: str) -> Sequence[Passage]:
        """What is about `topic`, best first; nothing where the sources do not say."""
        ...

    def questions(self, topic: str, passages: Sequence[Passage]) -> Sequence[Question]:
        """Verified questions about these passages, those nearest to `topic` first."""
        ...

    def headings(self, question: Question) -> Sequence[str]:
        """Above the sentence that the question is about."""
        ...


def step(state: State, said: str, manner: Manner, sources: Sources) -> tuple[State, Move]:
    """The state after the learner `said` something, and what the tutor says to it."""
    words = said.strip()
    if state.pending is not None:
        if _REVEAL.search(words):
            return _revealed(state, manner, sources, "")
        if _HINT.search(words) or _LOST.search(words):
            return _hinted(state, manner, sources, "")
        if _NEXT.match(words):
            return _asked(replace(state, pending=None), manner, sources, "Left out. ")
        if not _is_topic(words, state.pending):
            return _graded(state, words, manner, sources)
    elif _NEXT.match(words) and state.topic:
        return _asked(state, manner, sources, "")
    return _opened(state, _ABOUT.sub("", words), manner, sources)


def _opened(state: State, topic: str, manner: Manner, sources: Sources) -> tuple[State, Move]:
    """A topic was named: explain it, or ask about it first. What leans on the topic before is made to stand alone."""
    topic = standing_alone(topic, [state.topic]) if state.topic and topic else topic
    passages = tuple(sources.passages(topic)) if topic else ()
    if not passages:
        text = f"{REFUSAL} Ask about something that your documents treat."
        return replace(state, pending=None, hints=0), Move(text)
    now = replace(state, topic=topic, passages=passages, pending=None, hints=0)
    if manner.mode == "explain":
        after, move = _asked(now, manner, sources, "Let us see what stayed. ")
        return after, replace(move, explain=topic)
    after, move = _asked(now, manner, sources, "Before I say anything: " if manner.mode == "socratic" else "")
    return (
        (after, replace(move, explain=topic)) if after.pending is None and manner.mode == "socratic" else (after, move)
    )


def _asked(state: State, manner: Manner, sources: Sources, lead: str) -> tuple[State, Move]:
    """The next question on the topic, or word that there is none left."""
    found = sources.questions(state.topic, state.passages)
    fresh = [one for one in found if one.fact not in state.asked and one.quote not in state.told]
    if not fresh:
        score = f" So far {state.right} of {state.graded} right." if state.graded else ""
        return replace(state, pending=None), Move(f"I have no verified question about that left.{score} Ask on!")
    question = fresh[0]
    text = f"{lead}{_shown(question, manner)}"
    after = replace(
        state, pending=question, hints=0, asked=(*state.asked, question.fact), told=(*state.told, question.quote)
    )
    return after, Move(text, question=question)


def _graded(state: State, said: str, manner: Manner, sources: Sources) -> tuple[State, Move]:
    question = state.pending
    assert question is not None
    if not _is_right(said, question):
        return _hinted(state, manner, sources, "Not quite. ", wrong=True)
    now = replace(state, pending=None, right=state.right + 1, graded=state.graded + 1)
    return _gone_on(now, manner, sources, f"Right: {question.answer}. ", question, correct=True)


def _hinted(state: State, manner: Manner, sources: Sources, lead: str, *, wrong: bool = False) -> tuple[State, Move]:
    """The next hint; when there are no more, the answer."""
    question = state.pending
    assert question is not None
    if state.hints >= (1 if manner.mode == "quiz-me" else HINTS):
        return _revealed(state, manner, sources, lead)
    number = state.hints + 1
    text = f"{lead}A hint: {hint(question, number, sources.headings(question))} Try again, or say “answer”."
    return replace(state, hints=number), Move(text, question=question, correct=False if wrong else None)


def _revealed(state: State, manner: Manner, sources: Sources, lead: str) -> tuple[State, Move]:
    question = state.pending
    assert question is not None
    now = replace(state, pending=None, graded=state.graded + 1)
    return _gone_on(now, manner, sources, f"{lead}The answer is: {question.answer}. ", question, correct=False)


def _gone_on(
    state: State, manner: Manner, sources: Sources, said: str, question: Question, *, correct: bool
) -> tuple[State, Move]:
    """Verdict and source, and in `quiz-me` the next question."""
    cited = _citations(question)
    told = said + " ".join(f"“{' '.join(one.quote.split())}” [{one.number}]" for one in cited)
    if manner.mode == "quiz-me" and state.graded % MOST_ASKED:
        after, move = _asked(state, manner, sources, "\n\n")
        return after, replace(
            move, text=f"{told}{'' if move.question else chr(10) * 2}{move.text}", citations=cited, correct=correct
        )
    closing = f" So far {state.right} of {state.graded} right." if manner.mode == "quiz-me" else ""
    return state, Move(f"{told}{closing}\n\nAsk on, or say “next” for another question.", None, cited, None, correct)


def _shown(question: Question, manner: Manner) -> str:
    """The question, with its options for a beginner; the advanced get them only where they are the question."""
    if manner.level == "advanced" and question.kind != "truth":
        return _FRAME.sub("", question.question)
    listed = (f"{letter}. {option}" for letter, option in zip(LETTERS, question.options, strict=False))
    return "\n".join((question.question, *listed))


def _is_right(said: str, question: Question) -> bool:
    try:
        return lettered(question, said.strip(" .):")) == question.answer
    except UserError:
        return mark(said, question.answer, question.question).correct


def _is_topic(words: str, pending: Question) -> bool:
    """Whether the learner asks something instead of answering."""
    if any(words.casefold() == option.casefold() for option in pending.options):
        return False
    return words.endswith("?") or bool(_ASKING.match(words) and len(words.split()) > 2)


def _citations(question: Question) -> tuple[Citation, ...]:
    """The sentence that the answer stands in, and what else it rests on."""
    rests: tuple[Question | Evidence, ...] = (question, *question.also)
    return tuple(
        Citation(number=number, document=one.document, source=one.source, page=one.page, quote=one.quote)
        for number, one in enumerate(rests, 1)
    )
