"""The quiz in HTML: the heading of a question, its options once answered, the verdict, and the review at the end."""

from loresmith.models.prompts import LETTERS
from loresmith.quiz.session import Feedback, Reply, Result, Session
from loresmith.records import Question
from loresmith.serve.documents.address import address
from loresmith.serve.page.text import cited, plain, quoted

MOST_WEAK = 3
"""Weak documents that are named."""


def invitation(questions: int, documents: int) -> str:
    """What a quiz is, before it begins."""
    return (
        f"<h2>How well do you know the documents?</h2><p>{_counted(questions, 'question')} from "
        f"{_counted(documents, 'document')}, each checked against its source. After every answer you see the words "
        "that decide.</p>"
    )


def heading(asked: Question, number: int, session: Session) -> str:
    """The question `asked`, the `number`-th of the quiz, under a bar that says how far `session` has come."""
    done, total, right = len(session.replies), len(session.questions), session.score
    filled = f"width:{100 * done / total:.0f}%"
    return (
        f'<div class="progress"><span>Question {number} of {total}</span><span>{right} right</span></div>'
        '<div class="bar" role="progressbar" aria-label="Questions answered" aria-valuemin="0" '
        f'aria-valuemax="{total}" aria-valuenow="{done}"><i style="{filled}"></i></div>'
        f"<h3>{plain(asked.question)}</h3>"
    )


def marked(options: tuple[str, ...], said: Feedback) -> str:
    """The options with the right one and the chosen one marked."""

    def row(letter: str, option: str) -> str:
        kind = "right" if option == said.answer else "wrong" if option == said.given else "other"
        mark = {"right": "✓", "wrong": "✗", "other": letter}[kind]
        return f'<li class="{kind}"><span class="letter">{mark}</span><span>{plain(option)}</span></li>'

    return f'<ul class="marked">{"".join(map(row, LETTERS, options))}</ul>'


def explained(said: Feedback, link: str | None = None) -> str:
    """The verdict, and the words of the document that decide; they are at `link`."""
    kind, verdict = ("right", "Right.") if said.correct else ("wrong", f"Not quite: {plain(said.answer)}.")
    return (
        f'<div class="verdict {kind}" role="status"><strong>{verdict}</strong>{_evidence(said.quote, *said.also)}'
        f"{cited(said.source, said.page, link)}</div>"
    )


def score(result: Result) -> str:
    """How many were right, and which documents to look at again."""
    weak = ""
    if result.weak:
        more = f" and {len(result.weak) - MOST_WEAK} more" if len(result.weak) > MOST_WEAK else ""
        named = ", ".join(plain(source) for source in result.weak[:MOST_WEAK])
        weak = f'<p class="weak">Worth another look: {named}{more}</p>'
    return f'<div class="score" role="status"><strong>{result.right}</strong> of {result.asked} right</div>{weak}'


def review(result: Result, *, can_open: bool = False) -> str:
    """Every question with the right answer, what was said, and the source, a link where documents `can_open`."""
    return f'<ol class="review">{"".join(_reviewed(reply, can_open) for reply in result.replies)}</ol>'


def evidence_at(asked: Question) -> str:
    """Where the words stand that decide `asked`."""
    return address(asked.document, asked.quote, asked.page, asked.chunk)


def _reviewed(reply: Reply, can_open: bool) -> str:
    asked = reply.question
    also = [evidence.quote for evidence in asked.also]
    mark, kind = ("✓", "right") if reply.correct else ("✗", "wrong")
    given = "" if reply.correct else f'<span class="given">You said {plain(reply.given)}</span>'
    return (
        f'<li class="{kind}"><span class="letter">{mark}</span><div><h4>{plain(asked.question)}</h4>'
        f'<p><span class="answer">{plain(asked.answer)}</span>{given}</p>{_evidence(asked.quote, *also)}'
        f"{cited(asked.source, asked.page, evidence_at(asked) if can_open else None)}</div></li>"
    )


def _evidence(*quotes: str) -> str:
    return "".join(f"<blockquote>{plain(quoted(quote))}</blockquote>" for quote in quotes)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
