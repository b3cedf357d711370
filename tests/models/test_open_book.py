"""Questions asked with sources: which, with what, and never with a passage from outside the training questions."""

import pytest

from loresmith.models.open_book import with_sources
from loresmith.records import Evidence, Question

PASSAGES = {f"c{n}": f"Item {n} weighs {n} kg.\n" for n in range(40)} | {"held": "Of a held-out document."}


@pytest.fixture
def questions() -> list[Question]:
    return [
        Question(
            id=f"q{n}", fact=f"f{n}", document="d", source="a.md", page=None, chunk=f"c{n % 40}", quote="q",
            kind="cell", form="short", wording=0, question=f"What does {n} weigh?", answer=f"{n} kg",
        )
        for n in range(400)
    ]  # fmt: skip


def test_the_share_is_kept_and_the_lot_is_the_same_each_time(questions: list[Question]) -> None:
    made = list(with_sources(questions, PASSAGES, 0.25, 17))
    assert 70 < len(made) < 130
    assert made == list(with_sources(questions, PASSAGES, 0.25, 17))
    assert made != list(with_sources(questions, PASSAGES, 0.25, 18))


def test_every_prompt_holds_its_own_passage_and_some_a_second_one(questions: list[Question]) -> None:
    made = list(with_sources(questions, PASSAGES, 1.0, 17))
    assert len(made) == 400
    assert all(PASSAGES[question.chunk].strip() in sources for question, sources in made)
    two = [sources for _, sources in made if "[2] " in sources]
    assert 150 < len(two) < 250
    assert not any("held-out" in sources for _, sources in made)


def test_no_share_and_no_passage_give_nothing(questions: list[Question]) -> None:
    assert list(with_sources(questions, PASSAGES, 0.0, 17)) == []
    assert list(with_sources(questions, {}, 1.0, 17)) == []


def test_a_question_that_rests_on_two_passages_is_shown_both(questions: list[Question]) -> None:
    part = Evidence(chunk="c39", document="d", source="a.md", page=None, start=0, end=1, quote="q")
    two = [question.model_copy(update={"also": (part,)}) for question in questions[:39]]
    made = list(with_sources(two, PASSAGES, 1.0, 17))
    assert len(made) == 39
    assert all(PASSAGES[question.chunk].strip() in sources for question, sources in made)
    assert all(PASSAGES["c39"].strip() in sources for _, sources in made)
    assert list(with_sources(two, {"c1": PASSAGES["c1"]}, 1.0, 17)) == []
