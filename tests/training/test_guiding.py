from collections.abc import Callable

import numpy as np
import pytest
from tokenizers import Tokenizer

from training.starter import guiding, packing, vocabulary
from training.starter.tasks import Exchange

PASSAGE = "Every ship carries a lamp. The old harbour was finished by Dutch masons in spring. The lamp is green."
OTHER = "Dutch masons are rare."


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    texts = [PASSAGE, OTHER, "Question: What was finished by Dutch masons?", "Question: Who finished the old harbour?"]
    return vocabulary.learn([*texts * 30], 400)


def packed(tokenizer: Tokenizer, exchange: Exchange) -> packing.Packed:
    start = np.array([tokenizer.get_vocab()["<|endoftext|>"]], dtype=np.uint16)
    return np.concatenate([start, packing.pack_exchanges(tokenizer, [exchange])[0]])


@pytest.fixture(scope="module")
def looked(tokenizer: Tokenizer) -> Callable[[str, str], dict[str, list[tuple[str, list[str]]]]]:
    """Which words each aim of a question leads from and to."""

    def aims(question: str, answer: str) -> dict[str, list[tuple[str, list[str]]]]:
        exchange = Exchange("grounded", f"Sources:\n[1] {OTHER}\n[2] {PASSAGE}\n\nQuestion: {question}", answer)
        row = packed(tokenizer, exchange)
        guide = guiding.Guide(tokenizer, row)
        guide.common = set()
        words = [tokenizer.decode([int(t)]) for t in row & packing.TOKEN_MASK]
        found = guide.aims(row[None])
        return {
            role: [(words[place], [words[i] for i in wanted]) for _, place, wanted in own.pairs]
            for role, own in found.items()
        }

    return aims


def test_an_answer_behind_the_question_s_words_is_looked_for_where_it_stands(
    looked: Callable[[str, str], dict[str, list[tuple[str, list[str]]]]],
) -> None:
    found = looked("Who finished the old harbour?", "Dutch masons")
    assert [to for _, to in (*found["first"], *found["next"])] == [[" Dutch"], [" masons"]]
    assert found["context"] == [(" Dutch", [" The", " old", " harbour", " finished"])]
    assert "behind" not in found


def test_an_answer_before_the_question_s_words_is_reached_through_them(
    looked: Callable[[str, str], dict[str, list[tuple[str, list[str]]]]],
) -> None:
    found = looked("What was finished by Dutch masons?", "old harbour")
    (place, behind) = found["behind"][0]
    assert place == "\n"
    assert "".join(behind) == " was finished by Dutch masons"
    assert {tuple(to) for _, to in found["begin"]} == {(" old",)}


def test_refusals_letters_and_questions_without_sources_guide_nothing(
    looked: Callable[[str, str], dict[str, list[tuple[str, list[str]]]]], tokenizer: Tokenizer
) -> None:
    assert looked("Who finished the old harbour?", "The sources do not say.") == {}
    assert looked("Who finished the old harbour?", "D") == {}
    row = packed(tokenizer, Exchange("closed", "Who finished the old harbour?", "Dutch masons"))
    assert guiding.Guide(tokenizer, row).aims(row[None]) == {}


def test_a_cell_looks_at_the_head_of_its_column_and_at_its_row(tokenizer: Tokenizer) -> None:
    table = "| ship | masons | lamp |\n| --- | --- | --- |\n| old | Dutch | green |\n| rare | spring | harbour |"
    other = "| masons | ship |\n| --- | --- |\n| spring | Dutch |"
    exchange = Exchange("grounded", f"Sources:\n[1] {other}\n[2] {table}\n\nQuestion: lamp of old?", "green")
    row = packed(tokenizer, exchange)
    guide = guiding.Guide(tokenizer, row)
    guide.common = set()
    words = [tokenizer.decode([int(t)]) for t in row & packing.TOKEN_MASK]
    found = guide.aims(row[None])
    ((_, place, heads),) = found["column"].pairs
    assert words[place].strip() in "green"
    assert "".join(words[i] for i in heads).strip() == "lamp"
    ((_, _, asked),) = found["question"].pairs
    assert {"lamp", "old"} <= {words[i].strip() for i in asked}
