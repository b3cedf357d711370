from collections.abc import Sequence

from loresmith.answer.excerpts import MOST, OPENING, from_passages
from loresmith.records import Passage
from loresmith.retrieval.searcher import Searcher

TABLE = "| Planet | Moons |\n| --- | --- |\n| Mars | 2 |\n| Venus | 0 |"


def passage(text: str, name: str = "one") -> Passage:
    return Passage(chunk=name, document=name, source=f"{name}.md", title=name, page=2, text=text, score=0.1)


def blind(question: str, texts: Sequence[str]) -> list[float]:
    """No meaning at all: only words count."""
    return [0.0] * len(texts)


def test_the_sentence_that_answers_is_quoted_and_not_its_neighbours() -> None:
    text, cited, _ = from_passages("Who feeds queens?", [passage("Bees hum. Nurses feed queens. Bees fly.")], blind)
    assert text == f"{OPENING}\n\n[1] Nurses feed queens."
    assert (cited[0].quote, cited[0].page, cited[0].number) == ("Nurses feed queens.", 2, 1)


def test_a_table_row_is_shown_below_its_header_and_quoted_alone() -> None:
    text, cited, _ = from_passages("How many moons has Mars?", [passage(TABLE)], blind)
    assert text.endswith("[1]\n\n| Planet | Moons |\n| --- | --- |\n| Mars | 2 |")
    assert cited[0].quote == "| Mars | 2 |"


def test_a_heading_is_no_answer_unless_there_is_nothing_else() -> None:
    assert from_passages("Queens", [passage("## Queens\n\nThey lay eggs.")], blind)[1][0].quote == "They lay eggs."
    assert from_passages("Queens", [passage("## Queens")], blind)[1][0].quote == "## Queens"


def test_the_best_excerpt_comes_first_and_numbers_follow_it() -> None:
    found = [passage("Bees fly.", "weak"), passage("Nurses feed queens.", "strong")]
    text, cited, used = from_passages("Who feeds queens?", found, blind)
    assert text == f"{OPENING}\n\n[1] Nurses feed queens.\n\n[2] Bees fly."
    assert [one.source for one in cited] == ["strong.md", "weak.md"] == [one.source for one in used]


def test_the_same_words_are_quoted_once_and_at_most_three_in_all() -> None:
    twins = [passage("Nurses feed queens.", "one"), passage("Nurses feed queens.", "other")]
    assert len(from_passages("Who feeds queens?", twins, blind)[1]) == 1
    many = [passage(f"Bee {number}.", str(number)) for number in range(6)]
    assert len(from_passages("Which bee?", many, blind)[1]) == MOST


def test_meaning_finds_the_sentence_that_shares_no_word(searcher: Searcher) -> None:
    found = [passage("The colony is calm in winter. Larvae become adults after three weeks. Rain is rare.")]
    _, cited, _ = from_passages("How long does it take a grub to grow up?", found, searcher.likeness)
    assert cited[0].quote == "Larvae become adults after three weeks."
