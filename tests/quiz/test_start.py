from loresmith.quiz.bank import Bank
from loresmith.quiz.start import start


def test_a_quiz_has_as_many_questions_as_were_asked_for_and_there_are(bank: Bank) -> None:
    assert len(start(bank, 4).questions) == 4
    assert len(start(bank, 99).questions) == 13


def test_the_seed_decides(bank: Bank) -> None:
    assert start(bank, 5, seed=1) == start(bank, 5, seed=1) != start(bank, 5, seed=2)


def test_each_question_comes_with_its_passage(bank: Bank) -> None:
    session = start(bank, 5, documents=["b.pdf", "c.docx"])
    assert all(one.quote in passage for one, passage in zip(session.questions, session.passages, strict=True))
    assert {one.source for one in session.questions} == {"b.pdf", "c.docx"}
