"""Lookups with a real tokenizer and passages written here."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from loresmith.evaluate.grounding import SPARE_TOKENS, look_up, restored
from loresmith.models import prompts
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.recipe import AskConfig, EvaluateConfig
from loresmith.records import Evidence, Passage, Question

ASK = AskConfig(passages=2, source_tokens=200)
EVALUATE = EvaluateConfig(max_new_tokens=8)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> LanguageModel:
    return open_model(find(str(tiny_model)))


@pytest.fixture
def question(questions: Callable[[str], list[Question]]) -> Question:
    return questions("recall")[0]


def passage(chunk: str, text: str) -> Passage:
    return Passage(chunk=chunk, document="d", source="d.md", title="D", page=None, text=text, score=1.0)


def test_the_rank_of_the_chunk_that_was_asked_about_is_found(model: LanguageModel, question: Question) -> None:
    passages = [passage("other", "Nothing."), passage(question.chunk, question.quote)]
    lookup = look_up(question, lambda words, k: passages[:k], model, ASK, EVALUATE)
    assert (lookup.gold_rank, lookup.chunks) == (2, ("other", question.chunk))
    assert lookup.sources == f"[1] Nothing.\n[2] {question.quote}"
    assert lookup.has_quote


def test_a_chunk_that_was_not_found_has_no_rank(model: LanguageModel, question: Question) -> None:
    lookup = look_up(question, lambda words, k: [passage("other", "Nothing.")], model, ASK, EVALUATE)
    assert (lookup.gold_rank, lookup.has_quote) == (None, False)


def test_a_quote_that_fell_to_the_budget_does_not_count_as_seen(model: LanguageModel, question: Question) -> None:
    passages = [passage("other", "It rains. " * 40), passage(question.chunk, question.quote)]
    lookup = look_up(question, lambda words, k: passages, model, ASK, EVALUATE)
    assert (lookup.gold_rank, lookup.has_quote) == (2, False)


@pytest.mark.parametrize("form", ["short", "choice"])
@pytest.mark.parametrize("scoring", ["text", "letter"])
def test_prompt_and_answer_fit_the_window_whatever_the_recipe_allows(
    model: LanguageModel, questions: Callable[[str], list[Question]], form: str, scoring: str
) -> None:
    asked = next(question for question in questions("recall") if question.form == form)
    evaluate = EvaluateConfig.model_validate({"max_new_tokens": 40, "choice_scoring": scoring})
    generous = AskConfig(passages=2, source_tokens=100_000)
    long = [passage("long", "The river rises in the hills of the north. " * 100)]
    lookup = look_up(asked, lambda words, k: long, model, generous, evaluate)
    shown = (
        prompts.choice(asked.question, asked.options, lookup.sources)
        if (form, scoring) == ("choice", "letter")
        else prompts.short(asked.question, lookup.sources)
    )
    answer = 40 if form == "short" else max(len(model.encode_reply(option)) for option in asked.options)
    length = len(model.encode(shown)) + answer
    assert length <= model.window
    assert length > model.window - 60 - SPARE_TOKENS  # the window is used, up to the end of a sentence


def test_all_quotes_of_a_question_must_be_seen(model: LanguageModel, question: Question) -> None:
    part = Evidence(chunk="o", document="d", source="d.md", page=None, start=0, end=1, quote="It rains in May.")
    both = question.model_copy(update={"also": (part,)})
    seen = [
        look_up(both, lambda words, k, found=found: found, model, ASK, EVALUATE).has_quote
        for found in (
            [passage(question.chunk, question.quote)],
            [passage(question.chunk, question.quote), passage("o", "It rains in May.")],
        )
    ]
    assert seen == [False, True]


@pytest.mark.parametrize("budget", [64, 75, 90, 120, 400])
def test_a_logged_lookup_gives_the_very_sources_again_wherever_they_were_cut(
    model: LanguageModel, question: Question, budget: int
) -> None:
    texts = {"a": " It rains in May.  The river rises.\n", "b": question.quote, "c": "The hall is cold. " * 12}
    passages = [passage(name, text) for name, text in texts.items()]
    found = look_up(question, lambda words, k: passages, model, AskConfig(passages=3, source_tokens=budget), EVALUATE)
    logged = found.model_copy(update={"sources": "", "passages": ()})
    chunks = {one.chunk: SimpleNamespace(id=one.chunk, **one.model_dump(exclude={"chunk"})) for one in passages}
    again = restored(logged, chunks.__getitem__)  # type: ignore[arg-type]
    assert again.sources == found.sources
    assert [(one.chunk, one.text) for one in again.passages] == [(one.chunk, one.text) for one in found.passages]
    assert (len(found.sources) < len("".join(texts.values()))) == (budget < 400)
