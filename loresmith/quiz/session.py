"""One quiz from the first question to the review: a value that moves by `answered`, with no clock and no model."""

from dataclasses import dataclass, replace

from loresmith.errors import UserError
from loresmith.models.prompts import LETTERS
from loresmith.records import Question, Record

WEAK_SHARE = 0.7
"""A document with a smaller share of right answers is a weak topic."""


class Reply(Record):
    """One answer that was given."""

    question: Question
    given: str
    """The option that was chosen."""
    correct: bool


class Feedback(Record):
    """What is said after an answer."""

    question: str
    correct: bool
    given: str
    answer: str
    source: str
    page: int | None
    quote: str
    """The words of the document that decide, verbatim."""
    also: tuple[str, ...]
    """Further quotes that the answer rests on."""
    passage: str
    """The text around the quote."""


class Topic(Record):
    """How one document went."""

    source: str
    right: int
    asked: int

    @property
    def share(self) -> float:
        """Right answers of those asked, 0 to 1."""
        return self.right / self.asked


class Result(Record):
    """A finished or left quiz, fit to be stored."""

    right: int
    asked: int
    total: int
    replies: tuple[Reply, ...]
    mistakes: tuple[Feedback, ...]
    topics: tuple[Topic, ...]
    weak: tuple[str, ...]
    """Sources to study again, the weakest first."""


@dataclass(frozen=True)
class Session:
    """The questions of a quiz and the replies so far."""

    questions: tuple[Question, ...]
    passages: tuple[str, ...]
    """The source passage of each question."""
    replies: tuple[Reply, ...] = ()

    def __post_init__(self) -> None:
        if not self.questions or len(self.passages) != len(self.questions):
            raise ValueError("A quiz needs questions, and one passage for each.")

    @property
    def current(self) -> Question | None:
        """The question to answer now; `None` when all are answered."""
        return self.questions[len(self.replies)] if not self.is_finished else None

    @property
    def is_finished(self) -> bool:
        """Whether every question has its reply."""
        return len(self.replies) == len(self.questions)

    @property
    def score(self) -> int:
        """Right answers so far."""
        return sum(reply.correct for reply in self.replies)

    def answered(self, option: str) -> tuple["Session", Feedback]:
        """The session after `option`, one of the current question's options word for word, and what to say.

        Raises:
            UserError: the quiz is over, or there is no such option; the session stays as it was.
        """
        question = self.current
        if question is None:
            raise UserError("The quiz is over.", next_step="Look at the result, or start another.")
        if option not in question.options:
            raise UserError(f"{option!r} is none of the options.", next_step="Choose one of those that are shown.")
        reply = Reply(question=question, given=option, correct=option == question.answer)
        feedback = _feedback(reply, self.passages[len(self.replies)])
        return replace(self, replies=(*self.replies, reply)), feedback

    def result(self) -> Result:
        """Score, mistakes and topics of what was answered so far."""
        topics = _topics(self.replies)
        weak = sorted((topic for topic in topics if topic.share < WEAK_SHARE), key=lambda topic: topic.share)
        return Result(
            right=self.score,
            asked=len(self.replies),
            total=len(self.questions),
            replies=self.replies,
            mistakes=tuple(
                _feedback(reply, passage)
                for reply, passage in zip(self.replies, self.passages, strict=False)
                if not reply.correct
            ),
            topics=topics,
            weak=tuple(topic.source for topic in weak),
        )


def lettered(question: Question, typed: str) -> str:
    """The option whose letter was typed, in either case.

    Raises:
        UserError: there is no such letter.
    """
    letters = LETTERS[: len(question.options)]
    wanted = typed.strip().upper()
    if len(wanted) != 1 or wanted not in letters:
        raise UserError(f"{typed.strip()!r} is no option.", next_step=f"Answer with one of {', '.join(letters)}.")
    return question.options[letters.index(wanted)]


def _feedback(reply: Reply, passage: str) -> Feedback:
    question = reply.question
    return Feedback(
        question=question.question,
        correct=reply.correct,
        given=reply.given,
        answer=question.answer,
        source=question.source,
        page=question.page,
        quote=question.quote,
        also=tuple(evidence.quote for evidence in question.also),
        passage=passage,
    )


def _topics(replies: tuple[Reply, ...]) -> tuple[Topic, ...]:
    by_source: dict[str, list[bool]] = {}
    for reply in replies:
        by_source.setdefault(reply.question.source, []).append(reply.correct)
    return tuple(
        Topic(source=source, right=sum(marks), asked=len(marks)) for source, marks in sorted(by_source.items())
    )
