import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loresmith.errors import UserError
from loresmith.quiz.bank import Bank
from loresmith.quiz.session import Result, Session, lettered
from loresmith.quiz.start import start
from loresmith.records import Evidence


@pytest.fixture
def session(bank: Bank) -> Session:
    return start(bank, 4, seed=5)


def wrong(session: Session) -> str:
    assert session.current is not None
    return next(option for option in session.current.options if option != session.current.answer)


def right(session: Session) -> str:
    assert session.current is not None
    return session.current.answer


def test_a_right_answer_scores_and_moves_on(session: Session) -> None:
    after, feedback = session.answered(right(session))
    assert (after.score, feedback.correct) == (1, True)
    assert after.current == session.questions[1]


def test_a_wrong_answer_is_told_the_right_one_with_source_page_quote_and_passage(session: Session) -> None:
    asked = session.questions[0]
    after, feedback = session.answered(wrong(session))
    assert (after.score, feedback.correct, feedback.answer) == (0, False, asked.answer)
    assert (feedback.source, feedback.page, feedback.quote) == (asked.source, asked.page, asked.quote)
    assert feedback.passage == f"Before. {asked.quote} After."


def test_answering_leaves_the_session_before_untouched(session: Session) -> None:
    session.answered(right(session))
    assert session.replies == () and session.current == session.questions[0]


@pytest.mark.parametrize("given_option", ["", "A", "nonsense", " 901"])
def test_what_is_no_option_is_refused_and_costs_nothing(session: Session, given_option: str) -> None:
    with pytest.raises(UserError, match="none of the options"):
        session.answered(given_option)
    assert session.replies == ()


def test_a_finished_quiz_takes_no_answer(bank: Bank) -> None:
    over, _ = start(bank, 1).answered("901")
    assert over.is_finished and over.current is None
    with pytest.raises(UserError, match="over"):
        over.answered("901")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marks=st.lists(st.booleans(), min_size=1, max_size=13))
def test_the_result_adds_up(bank: Bank, marks: list[bool]) -> None:
    session = start(bank, len(marks), seed=1)
    for is_right in marks:
        session, _ = session.answered(right(session) if is_right else wrong(session))
    result = session.result()
    assert (result.right, result.asked, result.total) == (sum(marks), len(marks), len(marks))
    assert len(result.mistakes) == len(marks) - sum(marks)
    assert sum(topic.asked for topic in result.topics) == len(marks)
    assert sum(topic.right for topic in result.topics) == sum(marks)
    assert all(not mistake.correct and mistake.given != mistake.answer for mistake in result.mistakes)
    assert {topic.source for topic in result.topics if topic.share < 0.7} == set(result.weak)


def test_weak_topics_come_weakest_first(bank: Bank) -> None:
    session = start(bank, 13, seed=2)
    seen = {"a.md": 0, "b.pdf": 0, "c.docx": 0}
    while session.current is not None:
        source = session.current.source
        seen[source] += 1
        is_right = source == "c.docx" or (source == "a.md" and seen[source] % 2 == 0)
        session, _ = session.answered(right(session) if is_right else wrong(session))
    assert session.result().weak == ("b.pdf", "a.md")


def test_a_quiz_that_was_left_shows_what_was_answered(session: Session) -> None:
    after, _ = session.answered(wrong(session))
    assert (after.result().asked, after.result().total) == (1, 4)
    assert session.result() == Result(right=0, asked=0, total=4, replies=(), mistakes=(), topics=(), weak=())


def test_a_result_survives_being_stored(session: Session) -> None:
    result = session.answered(wrong(session))[0].result()
    assert Result.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize(("typed", "place"), [("a", 0), ("B", 1), (" d\n", 3)])
def test_a_letter_stands_for_its_option(session: Session, typed: str, place: int) -> None:
    assert lettered(session.questions[0], typed) == session.questions[0].options[place]


@pytest.mark.parametrize("typed", ["", "E", "AB", "1", "Ä"])
def test_another_letter_is_answered_with_the_letters_there_are(session: Session, typed: str) -> None:
    with pytest.raises(UserError, match="A, B, C, D"):
        lettered(session.questions[0], typed)


def test_a_quiz_without_questions_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="needs questions"):
        Session((), ())


def test_feedback_shows_every_quote_that_the_answer_rests_on(bank: Bank) -> None:
    part = Evidence(chunk="o", document="d", source="a.md", page=None, start=0, end=1, quote="It rains in May.")
    asked = start(bank, 1, seed=5)
    assert asked.current is not None
    both = Session((asked.current.model_copy(update={"also": (part,)}),), ("It rains.",))
    _, feedback = both.answered(right(both))
    assert feedback.also == ("It rains in May.",)
