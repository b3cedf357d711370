"""Figures beyond right and wrong, from rows whose figures are known."""

import math
from collections.abc import Callable

import pytest

from loresmith.evaluate import quality, tally
from loresmith.evaluate.held_text import Weighed
from loresmith.evaluate.support import Support
from loresmith.records import Grade, Question
from loresmith.scoring import overlap

LONG = "because the spring of the valve yields at four bar, so that it opens in time"


@pytest.fixture
def asked(questions: Callable[[str], list[Question]]) -> list[Question]:
    return [question for question in questions("recall") if question.form == "short"]


def log_of(asked: list[Question], given: str = "", unparsed: str | None = None) -> tally.Log:
    grades = [
        Grade(
            question=question.id,
            fact=question.fact,
            document=question.document,
            arm="rag",
            exam="recall",
            form="short",
            given=given,
            correct=False,
            token_f1=0.0,
            unparsed=unparsed,
        )
        for question in asked
    ]
    return tally.Log(grades, {question.id: question for question in asked}, 1000, 17)


def support(question: Question, **counts: int) -> Support:
    return Support(question=question.id, arm="rag", exam="recall", document=question.document).model_copy(update=counts)


def test_faithfulness_and_citations_are_shares_of_all_statements_citations_and_quotes(asked: list[Question]) -> None:
    rows = [
        support(asked[0], statements=3, supported=3, cited=2, cited_rightly=1, needed=1, found=1),
        support(asked[1], statements=1, supported=0, cited=0, cited_rightly=0, needed=2, found=0),
        support(asked[2]).model_copy(update={"unscored": "declined to answer"}),
    ]
    (made,) = quality.grounded(log_of(asked), rows)
    assert made.faithful and made.precision and made.recall
    assert (made.faithful.value, made.faithful.n) == (0.75, 4)
    assert (made.precision.value, made.precision.n) == (0.5, 2)
    assert (made.recall.value, made.recall.n) == (0.333333, 3)
    assert (made.n, made.unscored) == (2, {"declined to answer": 1})
    assert made.faithful.low < 0.75 < made.faithful.high


def test_where_nothing_was_measured_the_figure_is_unknown_and_never_nan(asked: list[Question]) -> None:
    rows = [support(asked[0]).model_copy(update={"unscored": "declined to answer"})]
    (made,) = quality.grounded(log_of(asked), rows)
    assert (made.n, made.faithful, made.precision, made.recall) == (0, None, None, None)


def weighed(question: str, arm: str, nats: float, tokens: int, size: int) -> Weighed:
    return Weighed(question=question, document=question, arm=arm, tokens=tokens, bytes=size, nats=nats)


def test_perplexity_is_over_all_tokens_and_bits_over_all_bytes(asked: list[Question]) -> None:
    rows = [
        weighed("a", "base", 30.0, 10, 40),
        weighed("b", "base", 10.0, 10, 60),
        weighed("a", "lora", 20.0, 10, 40),
        weighed("b", "lora", 10.0, 10, 60),
    ]
    base, lora = quality.held_text(log_of(asked), rows)
    assert base.perplexity and base.bits_per_byte and lora.change
    assert base.perplexity.value == pytest.approx(math.exp(40 / 20), abs=1e-5)
    assert base.perplexity.n == 20
    assert base.bits_per_byte.value == pytest.approx(40 / math.log(2) / 100, abs=1e-5)
    assert base.change is None
    assert lora.change.value == pytest.approx(-10 / math.log(2) / 100, abs=1e-5)
    assert lora.change.low < lora.change.value < lora.change.high
    assert base.bits_per_byte.high > 1  # it is no share, and two documents tell little


def test_a_passage_that_one_arm_could_not_weigh_is_in_no_comparison(asked: list[Question]) -> None:
    failed = Weighed(question="a", document="a", arm="base", unscored="no finite likelihood")
    rows = [
        failed,
        weighed("b", "base", 10.0, 10, 60),
        weighed("a", "lora", 1e6, 10, 40),
        weighed("b", "lora", 10, 10, 60),
    ]
    base, lora = quality.held_text(log_of(asked), rows)
    assert (base.passages, base.unscored) == (1, {"no finite likelihood": 1})
    assert lora.change and lora.change.value == 0.0
    assert lora.perplexity is None  # e to the 50,000th is beyond a float


def test_long_references_get_rouge_and_bleu_and_short_ones_none(asked: list[Question]) -> None:
    long = [question.model_copy(update={"answer": LONG}) for question in asked[:9]]
    (made,) = quality.wordings(log_of([*long, *asked[9:]], "because the spring yields at four bar"))
    assert made.rouge_l and made.bleu and made.corpus_bleu
    assert made.rouge_l.n == made.bleu.n == 9
    said = ["because the spring yields at four bar"] * 9
    assert made.rouge_l.value == pytest.approx(overlap.rouge_l(said, [LONG] * 9)[0], abs=1e-6)
    assert made.corpus_bleu == pytest.approx(overlap.corpus_bleu(said, [LONG] * 9), abs=1e-6)
    assert quality.wordings(log_of(asked)) == ()


def test_an_unreadable_long_answer_scores_nothing(asked: list[Question]) -> None:
    long = [question.model_copy(update={"answer": LONG}) for question in asked]
    (made,) = quality.wordings(log_of(long, LONG, "ran past the token limit"))
    assert made.rouge_l and made.rouge_l.value == 0.0
    assert made.corpus_bleu is None


def test_without_the_packages_the_answers_are_unscored_and_the_command_is_named(
    asked: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlap, "has_packages", lambda: False)
    long = [question.model_copy(update={"answer": LONG}) for question in asked]
    (made,) = quality.wordings(log_of(long, LONG))
    assert made.rouge_l is None
    ((reason, number),) = made.unscored.items()
    assert "loresmith[eval]" in reason
    assert number == len(asked)
