"""A real random model for likelihoods; a speaker with written answers for what a random model never says."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
import torch

from loresmith.evaluate import sitting
from loresmith.evaluate.paper import Batch
from loresmith.models import prompts
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.models.prompts import Message
from loresmith.models.speaker import Completion, Speaker
from loresmith.recipe import EvaluateConfig
from loresmith.records import UNANSWERABLE, Form, Question

Questions = Callable[[str], list[Question]]


class WrittenSpeaker:
    """Says the given answers in turn; one token is one character, and likelihoods are written down by reply."""

    name = "written"
    window = 400

    def __init__(self, answers: Sequence[Completion] = (), weights: dict[str, float] | None = None) -> None:
        self.answers = list(answers)
        self.weights = weights or {}
        self.prompts: list[str] = []

    def encode(self, messages: Sequence[Message]) -> list[int]:
        return [ord(sign) for message in messages for sign in message["content"]]

    def encode_reply(self, text: str) -> list[int]:
        return [*map(ord, text), 0]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))

    def complete(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[Completion]:
        self.prompts += [self.decode(ids) for ids in prompts]
        return [self.answers.pop(0) for _ in prompts]

    def loglikelihood(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        self.prompts += [self.decode(context) for context, _ in pairs]
        return [self.weights[self.decode(reply)] for _, reply in pairs]

    def stream(self, prompt: Sequence[int], max_new_tokens: int) -> Iterator[str]:
        yield from ()

    def without_adapter(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        pass


def said(text: str, stopped: bool = True) -> Completion:
    return Completion(tuple(map(ord, text)), text, stopped)


def batch_of(questions: Sequence[Question], form: Form) -> Batch:
    return Batch("b", "base", "recall", form, tuple(question for question in questions if question.form == form))


@pytest.fixture
def valve(questions: Questions) -> Question:
    """Answer `2 bar`."""
    return questions("recall")[0]


@pytest.fixture
def pick(questions: Questions) -> Question:
    """Options `3 bar`, `4 bar`, `5 bar`, `2 bar`; the last is right."""
    return next(question for question in questions("recall") if question.form == "choice")


@pytest.mark.parametrize(
    ("answer", "correct", "token_f1", "unparsed"),
    [
        (said("2 bar"), True, 1.0, None),
        (said(" the 2 bar [1]. "), True, 1.0, None),
        (said("about 2 bar"), True, 0.8, None),
        (said("It opens at 200 kPa."), True, 0.0, None),
        (said("about 3 bar"), False, 0.4, None),
        (said("2 or 3 bar"), False, 2 / 3, "several answers at once"),
        (said("N/A"), False, 0.0, "declined to answer"),
        (said("2 bar", stopped=False), False, 0.0, "ran past the token limit"),
        (said(""), False, 0.0, "empty answer"),
        (said(" [1] "), False, 0.0, "empty answer"),
        (said("..."), False, 0.0, "empty answer"),
    ],
)
def test_a_short_answer_is_graded_and_an_unreadable_one_is_wrong_with_its_reason(
    valve: Question, answer: Completion, correct: bool, token_f1: float, unparsed: str | None
) -> None:
    (grade,) = sitting.sit(batch_of([valve], "short"), WrittenSpeaker([answer]), {}, EvaluateConfig())
    assert (grade.correct, grade.unparsed) == (correct, unparsed)
    assert grade.token_f1 == pytest.approx(token_f1, abs=1e-6)
    assert grade.given == answer.text.strip()
    assert grade.exact == (token_f1 == 1.0)


@pytest.mark.parametrize(("tolerance", "correct"), [(0.0, False), (0.02, True)])
def test_the_tolerance_of_the_recipe_and_the_unit_of_the_question_count(
    valve: Question, tolerance: float, correct: bool
) -> None:
    asked = valve.model_copy(update={"question": "At how many bar does valve 7 open?"})
    config = EvaluateConfig(number_tolerance=tolerance)
    (grade,) = sitting.sit(batch_of([asked], "short"), WrittenSpeaker([said("Valve 7 at 2.03")]), {}, config)
    assert (grade.correct, grade.unparsed) == (correct, None)


@pytest.mark.parametrize(
    ("answer", "correct"), [("Not stated in the manual.", True), ("4 bar", False), ("Not stated, but 4 bar.", False)]
)
def test_what_no_document_tells_is_right_where_a_refusal_in_any_words_answers(
    questions: Questions, answer: str, correct: bool
) -> None:
    asked = questions("unanswerable")[0].model_copy(update={"kind": UNANSWERABLE, "answer": prompts.REFUSAL})
    (grade,) = sitting.sit(batch_of([asked], "short"), WrittenSpeaker([said(answer)]), {}, EvaluateConfig())
    assert (grade.correct, grade.token_f1, grade.unparsed) == (correct, float(correct), None)


def test_a_prompt_that_does_not_fit_the_window_is_named_and_the_others_are_asked(questions: Questions) -> None:
    first, second = questions("recall")[0], questions("recall")[2]
    speaker = WrittenSpeaker([said(second.answer)])
    grades = sitting.sit(batch_of([first, second], "short"), speaker, {first.id: "x" * 400}, EvaluateConfig())
    assert [grade.unparsed for grade in grades] == ["prompt longer than the model's window", None]
    assert [grade.correct for grade in grades] == [False, True]


def test_sources_stand_before_the_question_of_their_own_only(questions: Questions) -> None:
    first, second = questions("recall")[0], questions("recall")[2]
    speaker = WrittenSpeaker([said("a"), said("b")])
    sitting.sit(batch_of([first, second], "short"), speaker, {second.id: "[1] It says so."}, EvaluateConfig())
    assert ["[1] It says so." in prompt for prompt in speaker.prompts] == [False, True]


def test_by_text_a_long_option_is_not_worse_for_being_long(pick: Question) -> None:
    long = dataclasses.replace(batch_of([pick], "choice"))
    options = ("3 bar", "twice as much as before")
    batch = dataclasses.replace(long, questions=(pick.model_copy(update={"options": options, "answer": options[1]}),))
    speaker = WrittenSpeaker(weights={"3 bar\0": -5.0, "twice as much as before\0": -11.5})
    (grade,) = sitting.sit(batch, speaker, {}, EvaluateConfig())
    assert (grade.given, grade.correct) == (options[1], True)
    assert grade.likelihoods == (-5.0, -11.5)  # of the options as wholes, not per character
    assert "A. " not in speaker.prompts[0]


def test_by_letter_the_options_are_shown_and_the_letter_is_weighed(pick: Question) -> None:
    speaker = WrittenSpeaker(weights={"A": -3.0, "B": -2.0, "C": -4.0, "D": -1.0})
    (grade,) = sitting.sit(batch_of([pick], "choice"), speaker, {}, EvaluateConfig(choice_scoring="letter"))
    assert (grade.given, grade.correct) == ("2 bar", True)
    assert grade.likelihoods == (-3.0, -2.0, -4.0, -1.0)
    assert "D. 2 bar" in speaker.prompts[0]


def test_likelihoods_that_are_no_numbers_are_unparsed(pick: Question) -> None:
    speaker = WrittenSpeaker(weights={"A": -3.0, "B": float("nan"), "C": -4.0, "D": -1.0})
    (grade,) = sitting.sit(batch_of([pick], "choice"), speaker, {}, EvaluateConfig(choice_scoring="letter"))
    assert (grade.correct, grade.unparsed, grade.given) == (False, "no finite likelihood", "")
    assert grade.likelihoods == ()


def test_a_choice_that_does_not_fit_the_window_is_unparsed(pick: Question) -> None:
    (grade,) = sitting.sit(batch_of([pick], "choice"), WrittenSpeaker(), {pick.id: "x" * 400}, EvaluateConfig())
    assert grade.unparsed == "prompt longer than the model's window"


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> LanguageModel:
    return open_model(find(str(tiny_model)))


def brute_force(model: LanguageModel, context: list[int], reply: list[int]) -> float:
    """log p of `reply`, one forward pass over the whole, nothing cached."""
    with torch.inference_mode():
        logits = model.model(torch.tensor([context + reply])).logits[0].float().log_softmax(-1)
    return float(sum(logits[len(context) - 1 + i, token] for i, token in enumerate(reply)))


@pytest.mark.parametrize("scoring", ["text", "letter"])
def test_the_chosen_option_is_the_one_that_a_full_forward_pass_finds_likeliest(
    model: LanguageModel, questions: Questions, scoring: str
) -> None:
    batch = batch_of(questions("recall"), "choice")
    config = EvaluateConfig.model_validate({"choice_scoring": scoring})
    expected = []
    for item in batch.questions:
        if scoring == "letter":
            context = model.encode(prompts.choice(item.question, item.options))
            scores = [brute_force(model, context, model.encode_reply("ABCD"[i])[:-1]) for i in range(4)]
        else:
            context = model.encode(prompts.short(item.question))
            scores = [brute_force(model, context, model.encode_reply(said)) / len(said) for said in item.options]
        expected.append(item.options[scores.index(max(scores))])
    speaker: Speaker = model
    assert [grade.given for grade in sitting.sit(batch, speaker, {}, config)] == expected


@pytest.fixture
def essay(valve: Question) -> Question:
    """Asks for `The valve opens at 2 bar and so protects the boiler.`."""
    return valve.model_copy(
        update={"form": "long", "answer": "The valve opens at 2 bar and so protects the boiler.", "id": "essay"}
    )


@pytest.mark.parametrize(
    ("answer", "token_f1", "unparsed"),
    [
        (said("The valve opens at 2 bar and so protects the boiler. [1]"), 1.0, None),
        (said("The valve opens at 2 bar", stopped=False), 10 / 14, "ran past the token limit"),
        (said("I do not know."), 0.0, "declined to answer"),
        (said(" [1] "), 0.0, "empty answer"),
    ],
)
def test_a_long_answer_is_neither_right_nor_wrong_and_a_cut_one_is_scored_as_far_as_it_goes(
    essay: Question, answer: Completion, token_f1: float, unparsed: str | None
) -> None:
    (grade,) = sitting.sit(batch_of([essay], "long"), WrittenSpeaker([answer]), {}, EvaluateConfig())
    assert (grade.correct, grade.exact, grade.unparsed) == (None, None, unparsed)
    assert grade.token_f1 == pytest.approx(token_f1, abs=1e-6)


def test_a_long_answer_has_the_room_that_the_recipe_gives_it_and_is_asked_for_in_sentences(
    essay: Question, valve: Question
) -> None:
    config = EvaluateConfig(max_new_tokens=1, long_max_new_tokens=390)
    speaker = WrittenSpeaker([said("2 bar"), said("2 bar")])
    (short,) = sitting.sit(batch_of([valve], "short"), speaker, {}, config)
    (long,) = sitting.sit(batch_of([essay], "long"), speaker, {}, config)
    assert (short.unparsed, long.unparsed) == (None, "prompt longer than the model's window")
    sitting.sit(batch_of([essay], "long"), speaker, {}, EvaluateConfig())
    assert speaker.prompts[-1].endswith("Answer in full sentences.")
    assert "sentences" not in speaker.prompts[0]
