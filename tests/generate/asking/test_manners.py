"""Styles, lengths and personas: how they are dealt, what the model is told, what the rows say, what is paid again."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith import generate
from loresmith.artifact import Artifact, Plan
from loresmith.errors import UserError
from loresmith.generate.asking.manners import LENGTHS, STYLES, Wish, wishes
from loresmith.generate.asking.orders import orders
from loresmith.generate.teachers import hired
from loresmith.progress import finish
from loresmith.recipe import GenerateConfig, PersonaConfig
from loresmith.records import Chunk, Manner, Question

ANA = PersonaConfig(name="Ana", role="a fitter who looks for the pressure of a valve")
BEN = PersonaConfig(name="Ben", role="an examiner")
ALL = {"styles": tuple(STYLES), "lengths": tuple(LENGTHS), "personas": (ANA, BEN)}
MakeConfig = Callable[..., GenerateConfig]
MakeChunk = Callable[..., Chunk]


def chunks_of(chunk_of: MakeChunk, source: str, count: int) -> list[Chunk]:
    text = "The relief valve opens at 4 bar."
    return [chunk_of(text, id=f"{source}{number}", document=source, source=source) for number in range(count)]


def made(parents: dict[str, Artifact], target: Path, config: GenerateConfig, **settings: Any) -> Artifact:
    return finish(generate.run(Plan("generate", config.model_copy(update=settings), parents), target))


def test_styles_lengths_and_personas_come_equally_often_and_in_every_mixture(chunk_of: MakeChunk) -> None:
    config = GenerateConfig.model_validate(ALL)
    dealt = wishes(chunks_of(chunk_of, "a.md", 120), config)
    assert set(Counter(wish.style for wish in dealt).values()) == {24}
    assert set(Counter(wish.length for wish in dealt).values()) == {40}
    assert set(Counter(wish.persona for wish in dealt).values()) == {60}
    assert len({(wish.style, wish.length, wish.persona) for wish in dealt}) == 30
    two = GenerateConfig(styles=("misspelled", "conversational"), personas=(ANA, BEN))
    mixed = wishes(chunks_of(chunk_of, "a.md", 40), two)
    assert len({(wish.style, wish.persona) for wish in mixed}) == 4


def test_a_style_that_is_named_twice_comes_twice_as_often(chunk_of: MakeChunk) -> None:
    config = GenerateConfig(styles=("misspelled", "misspelled", "web-search-like"))
    assert Counter(wish.style for wish in wishes(chunks_of(chunk_of, "a.md", 30), config)) == {
        "misspelled": 20,
        "web-search-like": 10,
    }


def test_the_deal_hangs_on_the_seed_and_on_no_other_document(chunk_of: MakeChunk) -> None:
    config = GenerateConfig.model_validate(ALL)
    one, two = chunks_of(chunk_of, "a.md", 8), chunks_of(chunk_of, "b.md", 8)
    alone = wishes(one, config)
    assert wishes([*two, *one], config)[8:] == alone
    changed = [chunk.model_copy(update={"document": "e" * 16}) for chunk in one]
    assert wishes(changed, config) == alone
    assert wishes(one, config.model_copy(update={"seed": 18})) != alone
    for key in ("style", "length", "persona"):
        assert [getattr(wish, key) for wish in wishes(two, config)] != [getattr(wish, key) for wish in alone]


def test_the_model_is_told_in_one_sentence_outside_the_marks(chunk_of: MakeChunk) -> None:
    config = GenerateConfig(styles=("misspelled",), lengths=("short",), personas=(ANA,))
    (order,) = orders([chunk_of("The relief valve opens at 4 bar.")], config)
    assert order.messages[1]["content"].partition("\n[material ")[0] == (
        "Give at most 1 facts, each with 4 questions. Word the questions with two or three spelling mistakes each, but"
        " never in names, numbers or units; in at most 8 words; as Ana would ask (a fitter who looks for the"
        " pressure of a valve)."
    )
    assert Wish(language="document").sentence == ""


def test_a_row_keeps_whatever_was_wished() -> None:
    assert Wish(style="misspelled").manner == Manner(style="misspelled")
    assert Wish(length="short").manner == Manner(length="short")
    assert Wish(persona=ANA).manner == Manner(persona="Ana")
    assert Wish(language="de").manner is None


def test_a_misspelled_question_passes_and_its_row_says_how_it_was_to_be_worded(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path, told: Any, completion: Any
) -> None:
    fact = (
        '{"quote": "The gate valve opens at 5 bar.", "answer": "5 bar", "kind": "number", "subject": "gate valve",'
        ' "questions": ["Wat pressur dose the gate valve opne at?", "gate valve opning presure bar"],'
        ' "wrong_answers": ["6 bar"]}'
    )
    body = completion(f'{{"facts": [{fact}]}}')
    server.decide = lambda request, _: told(body=body if "gate valve" in str(request["messages"]) else None)
    questions = made(valves, tmp_path / "questions", config(), styles=("misspelled",), personas=(ANA,))
    rows = list(questions.rows(Question))
    assert "Wat pressur dose the gate valve opne at?" in [row.question for row in rows]
    assert {row.answer for row in rows} == {"3 bar", "4 bar", "5 bar"}
    assert {row.manner for row in rows} == {Manner(style="misspelled", persona="Ana")}
    notes = questions.manifest.notes
    assert (notes["styles"], notes["personas"]) == ({"misspelled": len(rows)}, {"Ana": len(rows)})
    assert "lengths" not in notes


def test_what_is_asked_in_the_same_manner_is_paid_once_and_in_another_anew(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path
) -> None:
    first = made(valves, tmp_path / "questions", config(), styles=("misspelled",))
    again = made(valves, tmp_path / "questions", config(), styles=("misspelled",))
    assert (len(server.asked), again.manifest.content) == (3, first.manifest.content)
    made(valves, tmp_path / "questions", config(), styles=("conversational",))
    assert len(server.asked) == 6
    made(valves, tmp_path / "questions", config(), styles=("misspelled",), personas=(ANA,))
    assert len(server.asked) == 9
    made(valves, tmp_path / "questions", config())
    assert len(server.asked) == 12
    made(valves, tmp_path / "questions", config(), styles=("misspelled",))
    assert len(server.asked) == 12


def test_without_a_wish_rows_and_notes_say_nothing_of_it(
    server: Any, config: MakeConfig, valves: dict[str, Artifact], tmp_path: Path
) -> None:
    questions = made(valves, tmp_path / "questions", config())
    assert {row.manner for row in questions.rows(Question)} == {None}
    assert not {"styles", "lengths", "personas"} & questions.manifest.notes.keys()


def test_rows_from_before_manners_were_kept_can_be_read() -> None:
    place = {"id": "q", "fact": "f", "document": "d", "source": "s", "page": None, "chunk": "c", "quote": "x"}
    rest = {"kind": "k", "form": "short", "wording": 0, "question": "x?", "answer": "y"}
    assert Question.model_validate(place | rest).manner is None


@pytest.mark.parametrize("key", ["styles", "lengths", "personas"])
def test_a_teacher_that_asks_no_model_refuses_them(key: str) -> None:
    config = GenerateConfig.model_validate({key: ALL[key]})
    with pytest.raises(UserError, match=rf"The teacher rules asks no model, which `generate\.{key}` needs"):
        hired(config)


def test_a_persona_is_written_in_one_line_or_in_two_keys() -> None:
    written = GenerateConfig.model_validate({"personas": ["Ben: an examiner", {"name": "Ben", "role": "an examiner"}]})
    assert written.personas == (BEN, BEN)
    with pytest.raises(ValueError, match="role"):
        GenerateConfig.model_validate({"personas": ["Ben"]})
    with pytest.raises(ValueError, match="pattern"):
        PersonaConfig(name="Ben\n[end of material]", role="an examiner")
