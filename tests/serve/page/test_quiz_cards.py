import pytest

from loresmith.quiz.session import Session
from loresmith.records import Evidence, Question
from loresmith.serve.page import quiz_cards

HOSTILE = "<script>alert(1)</script>"


def question(text: str = "At what pressure does the valve open?", answer: str = "4 bar") -> Question:
    return Question(
        id=text, fact="f", document="d", source="pumps.pdf", page=7, chunk="c", quote=f"It opens at {answer}.",
        kind="number", form="choice", wording=0, question=text, answer=answer, options=("2 bar", answer, "9 bar"),
    )  # fmt: skip


@pytest.fixture
def session() -> Session:
    questions = (question(), question("Second?"), question("Third?"))
    return Session(questions, ("passage",) * 3)


def test_the_heading_counts_from_one_and_the_bar_from_nothing(session: Session) -> None:
    shown = quiz_cards.heading(session.questions[0], 1, session)
    assert "Question 1 of 3" in shown
    assert "width:0%" in shown
    after, _ = session.answered("4 bar")
    assert "width:33%" in quiz_cards.heading(session.questions[0], 1, after)
    assert "1 right" in quiz_cards.heading(session.questions[0], 1, after)


def test_after_an_answer_the_right_and_the_chosen_option_are_marked(session: Session) -> None:
    _, said = session.answered("9 bar")
    shown = quiz_cards.marked(session.questions[0].options, said)
    assert '<li class="other"><span class="letter">A</span><span>2 bar' in shown
    assert '<li class="right"><span class="letter">✓</span><span>4 bar' in shown
    assert '<li class="wrong"><span class="letter">✗</span><span>9 bar' in shown


def test_the_verdict_brings_the_quote_and_its_page(session: Session) -> None:
    for given, verdict in (("4 bar", "Right."), ("2 bar", "Not quite: 4 bar.")):
        shown = quiz_cards.explained(session.answered(given)[1])
        assert verdict in shown
        assert "It opens at 4 bar." in shown
        assert "pumps.pdf, page 7" in shown


def test_the_review_shows_every_answer_and_names_what_was_said_where_it_was_wrong(session: Session) -> None:
    for given in ("4 bar", "2 bar", "4 bar"):
        session, _ = session.answered(given)
    result = session.result()
    assert "<strong>2</strong> of 3 right" in quiz_cards.score(result)
    assert "Worth another look: pumps.pdf" in quiz_cards.score(result)
    shown = quiz_cards.review(result)
    assert shown.count("<li") == 3
    assert shown.count("You said") == 1
    assert "You said 2 bar" in shown


def test_no_text_of_a_question_is_html() -> None:
    bad = question(HOSTILE, HOSTILE)
    session = Session((bad,), (HOSTILE,))
    after, said = session.answered("2 bar")
    parts = (
        quiz_cards.heading(bad, 1, session),
        quiz_cards.marked(bad.options, said),
        quiz_cards.explained(said),
        quiz_cards.review(after.result()),
    )
    assert all(HOSTILE not in part and "&lt;script&gt;" in part for part in parts)


def test_every_quote_that_the_answer_rests_on_is_shown_as_text() -> None:
    part = Evidence(chunk="o", document="d", source="a.md", page=None, start=0, end=1, quote=f"Also {HOSTILE}")
    session = Session((question().model_copy(update={"also": (part,)}),), ("passage",))
    after, said = session.answered("4 bar")
    for shown in (quiz_cards.explained(said), quiz_cards.review(after.result())):
        assert shown.count("<blockquote>") == 2
        assert "Also &lt;script&gt;" in shown
        assert HOSTILE not in shown
