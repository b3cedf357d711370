import pytest

from loresmith.domains.squad import is_history, squad
from loresmith.exchange.dialogue import Refused

FLAT = {
    "title": "Korean_War",
    "context": "The armistice was signed in 1953.",
    "question": "When was it signed?",
    "answers": {"text": ["1953", "in 1953"], "answer_start": [28, 25]},
}


def test_a_row_of_the_hub_is_asked_with_its_paragraph_only() -> None:
    (asked,) = squad(FLAT)
    assert (asked.question, asked.answer, asked.topic) == ("When was it signed?", "1953", "Korean War")
    assert (asked.evidence, asked.needs) == ("The armistice was signed in 1953.", "evidence")


def test_an_article_of_the_authors_files_gives_all_its_questions_that_have_answers() -> None:
    article = {
        "title": "History_of_India",
        "paragraphs": [
            {
                "context": "Ashoka ruled until 232 BC.",
                "qas": [
                    {"question": "Until when?", "answers": [{"text": "232 BC", "answer_start": 19}]},
                    {"question": "With whom?", "is_impossible": True, "answers": []},
                ],
            }
        ],
    }
    assert [(asked.question, asked.answer) for asked in squad(article)] == [("Until when?", "232 BC")]


@pytest.mark.parametrize(
    ("title", "expected"), [("Late_Middle_Ages", True), ("Han dynasty", True), ("Warsaw", False), ("Hydrogen", False)]
)
def test_an_article_is_about_history_when_a_word_of_its_title_says_so(title: str, expected: bool) -> None:
    assert is_history(title) is expected


def test_other_articles_are_refused() -> None:
    with pytest.raises(Refused, match="not about history"):
        list(squad({**FLAT, "title": "Hydrogen"}))
