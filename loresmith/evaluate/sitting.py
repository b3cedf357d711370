"""One batch of questions put to a model: answers to grades.

Short and long answers are written greedily. Choices are not written at all but scored: by the likelihood of each
option's words as the answer, per character so that short options have no advantage, or by the likelihood of each
letter. Figures of the two ways are not comparable with one another.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loresmith.evaluate.paper import Batch
from loresmith.evaluate.results import JudgedArm, Scoring
from loresmith.models import asked, choice, prompts, squad
from loresmith.models.refusal import is_refusal
from loresmith.models.speaker import Completion, Speaker
from loresmith.recipe import EvaluateConfig
from loresmith.records import UNANSWERABLE, Grade, Question
from loresmith.scoring.reading import DECLINED, EMPTY
from loresmith.scoring.short import Mark, mark

CUT_OFF = "ran past the token limit"
TOO_LONG = "prompt longer than the model's window"
NO_LIKELIHOOD = "no finite likelihood"


@dataclass(frozen=True)
class Sat:
    """What one examinee brought."""

    examinee: str
    grades: dict[str, list[Grade]]
    """By arm, in the order of the sheets."""
    scoring: dict[str, Scoring]
    """How choices were made, by arm."""
    cautions: tuple[str, ...] = ()
    judged: tuple[JudgedArm, ...] = ()
    """What the judge says of its long answers."""


def sit(batch: Batch, speaker: Speaker, sources: Mapping[str, str], config: EvaluateConfig) -> list[Grade]:
    """The grades of a batch, in its order; the caller has set the arm's adapter.

    Args:
        batch: Questions of one form.
        speaker: Answers.
        sources: Text that stands before a question, by question; absent means none.
        config: Limits and the way of scoring choices.
    """
    ask = _choices if batch.form == "choice" else _written
    return ask(batch, speaker, sources, config)


def _written(batch: Batch, speaker: Speaker, sources: Mapping[str, str], config: EvaluateConfig) -> list[Grade]:
    room = config.answer_tokens(batch.form)
    put = [speaker.encode(asked.messages(item, sources.get(item.id))) for item in batch.questions]
    fitting = [i for i, ids in enumerate(put) if len(ids) + room <= speaker.window]
    written = speaker.complete([put[i] for i in fitting], room) if fitting else []
    answers = dict(zip(fitting, written, strict=True))
    tolerance = config.number_tolerance
    return [graded(batch, question, answers.get(i), tolerance) for i, question in enumerate(batch.questions)]


def graded(batch: Batch, question: Question, answer: Completion | None, tolerance: float) -> Grade:
    """The grade of a written answer; `None` where the prompt did not fit.

    `tolerance` is the largest relative difference of a number that is still right.
    """
    if answer is None:
        return unparsed(batch, question, "", TOO_LONG)
    given = answer.text.strip()
    if batch.form == "long":
        return _long(batch, question, given, is_cut=not answer.stopped)
    if not answer.stopped:
        return unparsed(batch, question, given, CUT_OFF)
    said = squad.without_citations(given, question.answer)
    if not squad.normalised(said):
        return unparsed(batch, question, given, EMPTY)
    if question.kind == UNANSWERABLE:
        is_right = is_refusal(said)
        return _grade(batch, question, given, Mark(is_right, None, float(is_right)))
    return _grade(batch, question, given, mark(said, question.answer, question.question, tolerance))


def _long(batch: Batch, question: Question, given: str, *, is_cut: bool) -> Grade:
    """The grade of an answer in sentences: how much of the reference it says, and nothing on right or wrong."""
    said = squad.without_citations(given, question.answer)
    if not squad.normalised(said):
        return unparsed(batch, question, given, EMPTY)
    reason = CUT_OFF if is_cut else DECLINED if is_refusal(said) else None
    return _grade(batch, question, given, Mark(False, None, squad.token_f1(said, [question.answer]), reason))


def _choices(batch: Batch, speaker: Speaker, sources: Mapping[str, str], config: EvaluateConfig) -> list[Grade]:
    by_letter = config.choice_scoring == "letter"
    pairs: list[tuple[list[int], list[int]]] = []
    places: list[range] = []
    for item in batch.questions:
        context, replies = choice.weighed(
            speaker, item.question, item.options, by_letter=by_letter, sources=sources.get(item.id)
        )
        fits = len(context) + max(map(len, replies)) <= speaker.window
        places.append(range(len(pairs), len(pairs) + (len(replies) if fits else 0)))
        pairs += [(context, reply) for reply in replies] if fits else []
    likelihoods = speaker.loglikelihood(pairs) if pairs else []
    return [
        _likeliest(batch, item, [likelihoods[i] for i in place], by_letter)
        for item, place in zip(batch.questions, places, strict=True)
    ]


def _likeliest(batch: Batch, question: Question, likelihoods: list[float], by_letter: bool) -> Grade:
    if not likelihoods:
        return unparsed(batch, question, "", TOO_LONG)
    if not all(map(math.isfinite, likelihoods)):
        return unparsed(batch, question, "", NO_LIKELIHOOD)
    shown = prompts.LETTERS[: len(question.options)] if by_letter else question.options
    given = question.options[shown.index(choice.best(shown, likelihoods))]
    return chosen(batch, question, given, likelihoods)


def chosen(batch: Batch, question: Question, given: str, likelihoods: Sequence[float] = ()) -> Grade:
    """The grade of the option `given`; `likelihoods` are those of all options, in nats, where they are known."""
    mark = Mark(given == question.answer, None, squad.token_f1(given, [question.answer]))
    kept = tuple(round(log_p, 4) for log_p in likelihoods)
    return _grade(batch, question, given, mark).model_copy(update={"likelihoods": kept})


def unparsed(batch: Batch, question: Question, given: str, reason: str) -> Grade:
    """The grade of an answer that cannot be read: wrong, or of a long one nothing of the reference; with its reason."""
    return _grade(batch, question, given, Mark(False, False if batch.form == "short" else None, 0.0, reason))


def _grade(batch: Batch, question: Question, given: str, mark: Mark) -> Grade:
    return Grade(
        question=question.id,
        fact=question.fact,
        document=question.document,
        arm=batch.arm,
        exam=batch.exam,
        form=batch.form,
        given=given,
        correct=None if batch.form == "long" else mark.correct,
        token_f1=round(mark.token_f1, 6),
        exact=mark.exact,
        unparsed=mark.reason,
    )
