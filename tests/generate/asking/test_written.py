from collections.abc import Callable

from loresmith.generate.asking.reading import WrittenFact
from loresmith.generate.asking.written import Written, verbatim
from loresmith.recipe import GenerateConfig
from loresmith.records import Chunk

TEXT = "Valves.\nThe relief valve\nopens at 4 bar."


def fact(**fields: object) -> WrittenFact:
    known: dict[str, object] = {
        "quote": "The relief valve opens at 4 bar.",
        "answer": " 4  bar",
        "kind": "number",
        "subject": "relief valve",
        "questions": ["Is it 4 bar?", "When does the relief valve open?", "when does  the relief valve open?", "And?"],
        "wrong_answers": ["5 bar", "6 bar"],
    }
    return WrittenFact.model_validate(known | fields)


def test_a_quote_that_differs_in_white_space_becomes_what_the_document_says() -> None:
    assert verbatim("The relief valve opens at 4 bar.", TEXT) == "The relief valve\nopens at 4 bar."
    assert verbatim("The relief valve closes at 4 bar.", TEXT) == "The relief valve closes at 4 bar."


def test_wordings_that_give_the_answer_away_come_last_and_none_comes_twice(chunk_of: Callable[..., Chunk]) -> None:
    written, chunk = Written(GenerateConfig(wordings=3), "openai"), chunk_of(TEXT)
    written.add(chunk, [fact()])
    (found,) = written.facts(chunk)
    asked = list(written.questions(found, []))
    assert [question.question for question in asked if question.form == "short"] == [
        "When does the relief valve open?", "And?", "Is it 4 bar?"
    ]  # fmt: skip
    assert asked[-1].question == "Choose the right answer. When does the relief valve open?"
    assert {"4 bar", "5 bar", "6 bar"} <= set(asked[-1].options)
    assert (found.answer, asked[0].method) == ("4 bar", "openai")


def test_an_unknown_kind_is_other_and_a_chunk_not_asked_has_no_facts(chunk_of: Callable[..., Chunk]) -> None:
    written, chunk = Written(GenerateConfig(), "openai"), chunk_of(TEXT)
    assert list(written.facts(chunk)) == []
    written.add(chunk, [fact(kind="rumour")])
    assert [found.kind for found in written.facts(chunk)] == ["other"]
