from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loresmith import artifact
from loresmith.artifact import Plan
from loresmith.errors import ArtifactCorrupt, ArtifactMissing, UserError
from loresmith.quiz.bank import Bank
from loresmith.recipe import ChunkConfig, GenerateConfig
from loresmith.records import Chunk, Question


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 20), seed=st.integers(0, 1000))
def test_no_two_questions_are_about_one_fact_and_none_is_missing(bank: Bank, count: int, seed: int) -> None:
    drawn = bank.draw(count, rng(seed))
    assert len({one.fact for one in drawn}) == len(drawn) == min(count, 13)


def test_the_same_seed_draws_the_same_quiz_and_another_seed_another(bank: Bank) -> None:
    assert bank.draw(6, rng(1)) == bank.draw(6, rng(1))
    assert bank.draw(6, rng(1)) != bank.draw(6, rng(2))


def test_the_order_of_the_rows_does_not_matter(bank: Bank, questions: list[Question]) -> None:
    assert Bank(questions[::-1], {}).draw(6, rng()) == bank.draw(6, rng())


def test_documents_get_even_shares(bank: Bank) -> None:
    assert Counter(one.source for one in bank.draw(7, rng())) == {"a.md": 3, "b.pdf": 3, "c.docx": 1}


def test_only_chosen_documents_are_asked_about(bank: Bank) -> None:
    assert {one.source for one in bank.draw(5, rng(), ["b.pdf"])} == {"b.pdf"}


def test_an_unknown_document_is_answered_with_the_known_ones(bank: Bank) -> None:
    with pytest.raises(UserError, match=r"z\.md.*\n.*a\.md, b\.pdf, c\.docx"):
        bank.draw(5, rng(), ["z.md"])


def test_options_are_shuffled_and_stay_the_same_set(bank: Bank) -> None:
    drawn = [one for seed in range(20) for one in bank.draw(10, rng(seed))]
    places = Counter(one.options.index(one.answer) for one in drawn)
    assert set(places) == {0, 1, 2, 3} and min(places.values()) > 25  # 50 expected of 200
    assert all(set(one.options) == {one.answer, "901", "902", "903"} for one in drawn)


def test_the_same_words_are_not_asked_twice(questions: list[Question]) -> None:
    twins = [questions[0], questions[0].model_copy(update={"id": "twin", "fact": "other", "quote": "Other."})]
    assert len(Bank(twins, {}).draw(5, rng())) == 1


def test_the_same_answer_from_the_same_quote_is_not_asked_twice(questions: list[Question]) -> None:
    twins = [questions[0], questions[0].model_copy(update={"id": "twin", "fact": "other", "question": "Else?"})]
    assert len(Bank(twins, {}).draw(5, rng())) == 1


@pytest.mark.parametrize(
    "change",
    [{"form": "short", "options": ()}, {"options": ("10",)}, {"options": ("1", "2")}, {"options": ("10", "10", "2")}],
)
def test_what_cannot_be_asked_is_not_in_the_bank(questions: list[Question], change: dict[str, object]) -> None:
    bank = Bank([questions[0].model_copy(update=change)], {})
    assert len(bank) == 0
    with pytest.raises(UserError, match="no multiple-choice question"):
        bank.draw(3, rng())


def test_documents_are_counted_by_facts(bank: Bank) -> None:
    assert bank.documents == {"a.md": 8, "b.pdf": 4, "c.docx": 1}


def chunk_of(question: Question) -> Chunk:
    return Chunk(
        id=question.chunk, document=question.document, source=question.source, title="", headings=(), page=1,
        start=0, end=9, kind="prose", text=f"Around: {question.quote}",
    )  # fmt: skip


def project(folder: Path, questions: list[Question], chunks: list[Chunk]) -> Path:
    with artifact.create(folder / "chunks", Plan("chunk", ChunkConfig())) as draft:
        for chunk in chunks:
            draft.keep(chunk)
    with artifact.create(folder / "questions", Plan("generate", GenerateConfig())) as draft:
        for question in questions:
            draft.keep(question)
    return folder


def test_a_project_brings_the_passage_of_each_question(tmp_path: Path, questions: list[Question]) -> None:
    bank = Bank.open(project(tmp_path, questions[:3], [chunk_of(questions[0])]))
    assert bank.passage(bank.draw(1, rng())[0]) == f"Around: {questions[0].quote}"


def test_questions_about_other_chunks_are_an_error(tmp_path: Path, questions: list[Question]) -> None:
    with pytest.raises(ArtifactCorrupt, match="loresmith generate"):
        Bank.open(project(tmp_path, questions[:3], []))


def test_a_project_without_questions_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing, match="loresmith generate"):
        Bank.open(tmp_path)
