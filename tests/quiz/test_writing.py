"""Questions written on demand by a real tiny model, whose weights are random: it may choose, not mislead."""

from pathlib import Path

import numpy as np
import pytest

from loresmith.errors import UserError
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.quiz.bank import Bank
from loresmith.quiz.demand import Wish, drawn, library
from loresmith.quiz.order import MOST_OFFERS, Design
from loresmith.quiz.spans import Library
from loresmith.quiz.verify import NOT_VERBATIM, fault
from loresmith.quiz.writing import Author
from loresmith.records import Chunk, Question
from tests.serve.shelf import build_project

pytest.importorskip("llguidance")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(tmp_path_factory.mktemp("written")).path


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return open_model(find("starter"))


@pytest.fixture(scope="module")
def shelf(project: Path) -> Library:
    return library(project)


@pytest.fixture(scope="module")
def author(model: LanguageModel, shelf: Library) -> Author:
    return Author(model, shelf)


@pytest.fixture(scope="module")
def written(author: Author, shelf: Library) -> list[Question]:
    return author.write(4, shelf.chunks(), (), np.random.default_rng(1)).questions


def test_every_question_that_is_kept_passes_every_check(written: list[Question], shelf: Library) -> None:
    chunks = {chunk.id: chunk for chunk in shelf.chunks()}
    assert len(written) >= 3
    assert all(fault(one, chunks[one.chunk], shelf.lines(chunks[one.chunk])) is None for one in written)
    assert all(one.method == "grammar" and len(set(one.options)) == 4 for one in written)


def test_the_answer_does_not_always_stand_first(written: list[Question]) -> None:
    assert len({one.options.index(one.answer) for one in written}) > 1


def test_the_same_seed_writes_the_same_questions(author: Author, shelf: Library, written: list[Question]) -> None:
    assert author.write(4, shelf.chunks(), (), np.random.default_rng(1)).questions == written


def test_nothing_is_written_that_the_bank_asks(author: Author, shelf: Library, written: list[Question]) -> None:
    more = author.write(4, shelf.chunks(), written, np.random.default_rng(1)).questions
    assert not {(one.quote, one.answer) for one in more} & {(one.quote, one.answer) for one in written}


def test_what_a_weak_model_words_freely_parses_and_is_dropped_with_its_reason(
    model: LanguageModel, shelf: Library
) -> None:
    made = Author(model, shelf, "free").write(1, shelf.chunks()[:1], (), np.random.default_rng(0))
    assert made.parsed == made.asked > 0
    assert not made.questions and made.reasons == {NOT_VERBATIM: made.asked}


@pytest.mark.parametrize("design", ["choose", "word"])
def test_an_order_offers_only_what_stands_in_its_numbered_sentences(
    author: Author, model: LanguageModel, shelf: Library, design: Design
) -> None:
    for order in (one for chunk in shelf.chunks() for one in Author(model, shelf, design).orders(chunk)):
        assert 0 < len(order.offers) <= MOST_OFFERS
        assert all(sentence in order.chunk.text for sentence in order.sentences)
        assert all(offer.fact.answer in offer.sentence.text for offer in order.offers)
        assert all(len({rival for place in offer.places for rival in place}) >= 3 for offer in order.offers)


def test_a_reply_that_names_no_offered_answer_is_no_question(author: Author, shelf: Library) -> None:
    order = next(one for chunk in shelf.chunks() for one in author.orders(chunk))
    assert order.read('{"evidence":"1","answer":"nowhere","wrong":["a","b","c"]}') is None
    assert order.read('{"evidence":"99","answer":"nowhere","wrong":["a","b","c"]}') is None
    assert order.read("not JSON") is None


def test_the_bank_comes_first_and_the_rest_is_written(project: Path, author: Author) -> None:
    bank = Bank.open(project)
    few = Bank(bank.questions[:2], {chunk.id: chunk.text for chunk in author.library.chunks()})
    made = drawn(few, Wish(count=5), 3, author)
    assert made.banked == len({one.fact for one in few.questions}) and made.written is not None
    assert len(made.session.questions) > made.banked
    assert "written now passed" in made.account()
    pairs = zip(made.session.questions, made.session.passages, strict=True)
    assert all(question.quote in passage for question, passage in pairs)


def test_a_bank_that_has_enough_asks_no_model(project: Path, author: Author) -> None:
    made = drawn(Bank.open(project), Wish(count=3), 3, author)
    assert made.written is None and made.account() == "" and made.banked == 3


def test_where_nothing_can_be_asked_the_person_is_told_what_was_tried(model: LanguageModel) -> None:
    bare = Chunk(
        id="c", document="d", source="bare.md", title="Bare", headings=(), page=None, start=0, end=9, kind="prose",
        text="Nothing to ask.",
    )  # fmt: skip
    with pytest.raises(UserError, match="the bank has none, and of 0 written now none passed"):
        drawn(Bank([], {}), Wish(count=2), 1, Author(model, Library([bare])))
