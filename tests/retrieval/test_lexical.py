import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.retrieval import lexical
from loresmith.retrieval.lexical import MOST_TERMS, match_expression, search


def filled(texts: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE chunks (position INTEGER PRIMARY KEY, title TEXT, headings TEXT, text TEXT)")
    connection.executemany("INSERT INTO chunks VALUES (?, '', '', ?)", enumerate(texts))
    lexical.build(connection)
    return connection


TEXTS = (
    "The relief valves open at 4 bar.",
    "Bees dance. Bees hum. Bees sleep.",
    "The q4_k_m file of the model",
    "Crème brûlée needs a torch, and bees need flowers in the garden all through summer.",
    "NEAR the AND gate: q4",
)


def test_inflected_words_are_found() -> None:
    assert [position for position, _ in search(filled(TEXTS), "Which valve opened?", 5)] == [0]


def test_the_denser_text_comes_first_with_the_higher_score() -> None:
    found = search(filled(TEXTS[::-1]), "bee", 5)
    assert [position for position, _ in found] == [3, 1]
    assert found[0][1] > found[1][1]


def test_accents_do_not_matter() -> None:
    assert [position for position, _ in search(filled(TEXTS), "creme brulee", 5)] == [3]


def test_a_name_with_inner_signs_counts_as_a_phrase() -> None:
    assert [position for position, _ in search(filled(TEXTS), "q4_k_m", 5)] == [2, 4]


def test_stop_words_find_nothing_unless_they_are_all_there_is() -> None:
    assert [position for position, _ in search(filled(TEXTS), "what is the bee", 5)] == [1, 3]
    assert {position for position, _ in search(filled(TEXTS), "the", 5)} == {0, 2, 3, 4}


def test_equal_scores_come_in_row_order() -> None:
    assert [position for position, _ in search(filled(["same words"] * 4), "same", 3)] == [0, 1, 2]


@pytest.mark.parametrize("question", ["", "   ", "?!", '"', "()", "\x00", "\ud800", "_", "'"])
def test_a_question_without_words_finds_nothing(question: str) -> None:
    assert search(filled(TEXTS), question, 5) == []


@pytest.mark.parametrize(
    "question",
    [
        'bees" OR "',
        "bees NEAR(",
        "bees AND NOT",
        "title:bees",
        "bees*",
        "{title} : bees",
        "^bees",
        "-bees",
        "bees; DROP",
    ],
)
def test_operators_are_only_words(question: str) -> None:
    assert 1 in [position for position, _ in search(filled(TEXTS), question, 5)]


@settings(deadline=None)
@given(st.text())
def test_no_question_breaks_the_search(question: str) -> None:
    search(filled(TEXTS[:2]), question, 3)


def test_a_pasted_page_is_searched_by_its_first_words() -> None:
    assert match_expression(" ".join(f"word{number}" for number in range(500))).count(" OR ") == MOST_TERMS - 1
