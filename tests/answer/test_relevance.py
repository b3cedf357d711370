import pytest

from loresmith.answer.relevance import LEAST_COSINE, LEAST_COSINE_WITH_WORDS, relevant
from loresmith.records import Passage
from loresmith.retrieval.searcher import Hit, Searcher

QUESTION = "Which valve opens the boiler circuit?"  # telling words: valve, opens, boiler, circuit


def hit(text: str, cosine: float | None, bm25: float | None) -> Hit:
    passage = Passage(chunk="c", document="d", source="s", title="", page=None, text=text, score=0.1)
    return Hit(passage, cosine, bm25)


@pytest.mark.parametrize(
    ("one", "is_kept"),
    [
        (hit("nothing shared", LEAST_COSINE, None), True),
        (hit("nothing shared", LEAST_COSINE - 0.01, None), False),
        (hit("a valve", LEAST_COSINE_WITH_WORDS, 2.0), True),
        (hit("a valve", LEAST_COSINE_WITH_WORDS - 0.01, 2.0), False),
        (hit("the boiler valve opened", 0.1, 6.0), True),
        (hit("the boiler valve", 0.1, 6.0), False),
        (hit("the boiler valve opened", None, 6.0), True),
        (hit("nothing", None, 0.5), False),
    ],
)
def test_a_passage_counts_by_meaning_or_by_words(one: Hit, is_kept: bool) -> None:
    assert relevant(QUESTION, [one]) == ([one] if is_kept else [])


@pytest.mark.parametrize(
    "question", ["When does the valve open?", "electric power of the pump", "moons of Mars", "eggs laid by a queen"]
)
def test_questions_about_the_documents_find_something_relevant(searcher: Searcher, question: str) -> None:
    assert relevant(question, searcher.hits(question, 4))


@pytest.mark.parametrize(
    "question", ["Tell me a joke", "How do I bake bread?", "Who is the president of France?", "xkcd qqq zzz"]
)
def test_questions_from_outside_find_nothing_relevant(searcher: Searcher, question: str) -> None:
    assert relevant(question, searcher.hits(question, 4)) == []
