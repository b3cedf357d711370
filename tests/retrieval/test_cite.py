import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.records import Passage
from loresmith.retrieval.cite import citations, claims_of

VALVE = "## Safety\n\nThe relief valve opens at 4 bar. It closes again at 3.2 bar. The pump draws 45 watts."
PLANETS = "| Planet | Radius (km) | Moons |\n| --- | --- | --- |\n| Mars | 3,390 | 2 |\n| Venus | 6,052 | 0 |"
MODELS = "Qwen2.5-3B has 36 layers. Qwen2.5-7B has 28 layers. Both use grouped-query attention."


def passage(text: str, name: str) -> Passage:
    return Passage(chunk=name, document=f"d-{name}", source=f"{name}.md", title=name, page=7, text=text, score=0.1)


PASSAGES = [passage(VALVE, "valve"), passage(PLANETS, "planets"), passage(MODELS, "models")]


def quotes(answer: str, question: str = "") -> list[tuple[int, str]]:
    return [(made.number, made.quote) for made in citations(answer, PASSAGES, question)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The relief valve opens at 4 bar [1].", (1, "The relief valve opens at 4 bar.")),
        ("The relief valve opens at 4 bar. [1]", (1, "The relief valve opens at 4 bar.")),
        ("It is 3,390 km [2].", (2, "| Mars | 3,390 | 2 |")),
        ("28 layers in Qwen2.5-7B [3]", (3, "Qwen2.5-7B has 28 layers.")),
    ],
)
def test_a_mark_is_bound_to_its_passage_and_the_words_that_support_it(answer: str, expected: tuple[int, str]) -> None:
    assert quotes(answer) == [expected]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("4 bar", (1, "The relief valve opens at 4 bar.")),
        ("45 watts", (1, "The pump draws 45 watts.")),
        ("3390", (2, "| Mars | 3,390 | 2 |")),
        ("grouped-query attention", (3, "Both use grouped-query attention.")),
        ("6,052 km", (2, "| Venus | 6,052 | 0 |")),
    ],
)
def test_without_marks_the_best_statement_of_all_passages_is_quoted(answer: str, expected: tuple[int, str]) -> None:
    assert quotes(answer) == [expected]


@pytest.mark.parametrize(
    "answer",
    [
        "The relief valve opens at 5 bar [1].",  # another number
        "The relief valve opens at 4 bar [3].",  # another passage
        "The relief valve opens at 4 bar [9].",  # no such passage
        "Elephants never forget [1].",
        "The relief valve whistles loudly whenever sailors arrive [1].",  # two of six words
        "Models [3]",  # the title alone
        "Yes [1].",
        "Qwen2.5-7B has 36 layers [1]",
        "Qwen2.5-14B has 28 layers [3]",  # a name that the passage does not know
        "[1]",
        "",
        "Jupiter",
    ],
)
def test_a_citation_that_does_not_support_is_left_out(answer: str) -> None:
    assert quotes(answer) == []


def test_the_question_decides_between_equal_quotes() -> None:
    two = [passage("Mars has 2 moons. The lamp has 2 bulbs.", "one"), passage("The bike has 2 wheels.", "other")]
    assert [made.quote for made in citations("2", two, "How many wheels has the bike?")] == ["The bike has 2 wheels."]
    assert [made.quote for made in citations("2", two, "How many bulbs?")] == ["The lamp has 2 bulbs."]


def test_each_statement_has_its_own_citation_once() -> None:
    answer = "The relief valve opens at 4 bar [1]. The pump draws 45 watts [1]. The valve opens at 4 bar [1]."
    assert quotes(answer) == [(1, "The relief valve opens at 4 bar."), (1, "The pump draws 45 watts.")]


def test_a_statement_over_two_sentences_is_quoted_as_both() -> None:
    answer = "The relief valve opens at 4 bar and closes at 3.2 bar [1]."
    assert quotes(answer) == [(1, "The relief valve opens at 4 bar. It closes again at 3.2 bar.")]


def test_a_citation_knows_its_document_and_page() -> None:
    made = citations("45 watts", PASSAGES)[0]
    assert (made.document, made.source, made.page) == ("d-valve", "valve.md", 7)


def test_marks_are_read_wherever_they_stand() -> None:
    claims = claims_of("It is so [1]. [2] Other things [3, 4] are too.\n\nNo mark here.")
    assert [(claim.text, claim.marks) for claim in claims] == [
        ("It is so .", (1, 2)),
        ("Other things are too.", (3, 4)),
        ("No mark here.", ()),
    ]


@settings(deadline=None)
@given(st.text("ab4 .[1]2,|\n#", max_size=40))
def test_every_quote_is_verbatim_and_its_number_exists(answer: str) -> None:
    held = [passage("a b. ab 4. aab 12, b4", "one"), passage("| a | b |\n| - | - |\n| ab | 42 |", "other")]
    for made in citations(answer, held):
        assert made.quote and made.quote in held[made.number - 1].text
