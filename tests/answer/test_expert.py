from pathlib import Path
from typing import Any

import pytest

from loresmith.answer.expert import Expert
from loresmith.errors import ArtifactMissing, UserError
from loresmith.models.prompts import REFUSAL
from loresmith.recipe import AskConfig
from loresmith.records import Answer
from loresmith.retrieval.searcher import Searcher

PRESSURE = "At what pressure does the relief valve open?"
OUTSIDE = "Who won the football world cup in 1998?"


def test_an_answer_carries_the_quote_that_supports_it(searcher: Searcher, speaking: Any) -> None:
    answer = Expert(searcher, speaking("4 bar")).ask(PRESSURE)
    assert (answer.text, answer.generator, answer.refused) == ("4 bar", "scripted", False)
    cited = answer.citations[0]
    assert (cited.source, cited.page) == ("valves.md", 1)
    assert cited.quote == "The relief valve of the boiler opens at 4 bar."
    assert answer.passages[cited.number - 1].source == "valves.md"


def test_marks_of_the_model_are_bound_to_the_passages_in_its_prompt(searcher: Searcher, speaking: Any) -> None:
    answer = Expert(searcher, speaking("The pump draws 45 watts [1].")).ask("How many watts does the pump draw?")
    assert [(cited.number, cited.source) for cited in answer.citations] == [(1, "pump.md")]


def test_an_unsupported_answer_has_no_citation(searcher: Searcher, speaking: Any) -> None:
    answer = Expert(searcher, speaking("It opens at 9 bar [1].")).ask(PRESSURE)
    assert answer.citations == () and answer.text == "It opens at 9 bar [1]." and not answer.refused


def test_sources_stand_before_the_question_and_are_numbered(searcher: Searcher, speaking: Any) -> None:
    speaker = speaking("4 bar")
    answer = Expert(searcher, speaker, AskConfig(passages=2)).ask(PRESSURE)
    prompt = speaker.prompts[0]
    assert len(answer.passages) == 2
    assert prompt.index("Sources: [1] ## Safety") < prompt.index("[2]") < prompt.index(f"Question: {PRESSURE}")


@pytest.mark.parametrize("said", [REFUSAL, "the sources do not say", f"{REFUSAL} The relief valve opens at 4 bar."])
def test_a_model_that_says_so_refuses(searcher: Searcher, speaking: Any, said: str) -> None:
    answer = Expert(searcher, speaking(said)).ask(PRESSURE)
    assert answer.refused and answer.citations == () and answer.passages != ()


@pytest.mark.parametrize(
    "question", [OUTSIDE, "asdf qwer zxcv", "Explain photosynthesis", "What is the capital of France?"]
)
def test_nothing_relevant_is_refused_without_asking_the_model(searcher: Searcher, speaking: Any, question: str) -> None:
    speaker = speaking("France")
    answer = Expert(searcher, speaker).ask(question)
    assert (answer.refused, answer.text, answer.citations, answer.passages) == (True, REFUSAL, (), ())
    assert speaker.prompts == []


@pytest.mark.parametrize(
    ("question", "source", "quote"),
    [
        (PRESSURE, "valves.md", "The relief valve of the boiler opens at 4 bar."),
        ("How much electricity does the pump need?", "pump.md", "The circulation pump draws 45 watts at full speed."),
        ("What is the radius of Venus?", "planets.md", "| Venus | 6,052 | 0 |"),
    ],
)
def test_without_a_model_the_best_passages_speak(searcher: Searcher, question: str, source: str, quote: str) -> None:
    answer = Expert(searcher).ask(question)
    assert answer.generator is None and not answer.refused
    assert answer.text.startswith("No model wrote this.")
    assert (answer.citations[0].source, answer.citations[0].quote) == (source, quote)
    assert all(cited.quote in answer.text for cited in answer.citations)
    assert all(answer.passages[cited.number - 1].document == cited.document for cited in answer.citations)


def test_without_a_model_the_unanswerable_is_refused_too(searcher: Searcher) -> None:
    answer = Expert(searcher).ask(OUTSIDE)
    assert (answer.refused, answer.text) == (True, REFUSAL)


def test_a_model_that_says_nothing_leaves_the_word_to_the_passages(searcher: Searcher, speaking: Any) -> None:
    answer = Expert(searcher, speaking("")).ask(PRESSURE)
    assert answer.generator is None and answer.citations[0].source == "valves.md"


def test_streaming_ends_with_the_answer_that_asking_gives(searcher: Searcher, speaking: Any) -> None:
    expert = Expert(searcher, speaking("It opens at 4 bar [1]."))
    *pieces, last = expert.stream(PRESSURE)
    assert last == expert.ask(PRESSURE)
    assert isinstance(last, Answer) and "".join(map(str, pieces)).strip() == last.text and len(pieces) > 3


def test_streaming_leaves_out_the_space_that_some_models_begin_with(searcher: Searcher, speaking: Any) -> None:
    first, *_ = Expert(searcher, speaking(" It opens at 4 bar [1].")).stream(PRESSURE)
    assert isinstance(first, str) and first and not first[0].isspace()


@pytest.mark.parametrize("question", [PRESSURE, OUTSIDE])
def test_streaming_without_a_model_gives_the_text_and_the_answer(searcher: Searcher, question: str) -> None:
    expert = Expert(searcher)
    text, last = expert.stream(question)
    assert last == expert.ask(question) and isinstance(last, Answer) and text == last.text


def test_closing_the_stream_stops_the_model(searcher: Searcher, speaking: Any) -> None:
    speaker = speaking("one two three four")
    pieces = Expert(searcher, speaker).stream(PRESSURE)
    next(pieces)
    pieces.close()
    assert speaker.given_up


@pytest.mark.parametrize("question", ["", "  \n\t"])
def test_an_empty_question_is_an_error(searcher: Searcher, question: str) -> None:
    with pytest.raises(UserError, match="empty"):
        Expert(searcher).ask(question)


def test_a_question_that_leaves_no_room_for_sources_is_an_error(searcher: Searcher, speaking: Any) -> None:
    question = "relief valve " * 60
    with pytest.raises(UserError, match="the model reads 200"):
        Expert(searcher, speaking("4 bar", window=200)).ask(question)


@pytest.mark.parametrize("window", [150, 190, 400])
def test_prompt_and_answer_keep_the_window(searcher: Searcher, speaking: Any, window: int) -> None:
    speaker = speaking("4 bar", window=window)
    Expert(searcher, speaker, AskConfig(max_new_tokens=60)).ask(PRESSURE)
    assert len(speaker.prompts[0].split()) + 60 <= window


def test_sources_keep_the_token_budget(searcher: Searcher, speaking: Any) -> None:
    speaker = speaking("4 bar")
    long, short = AskConfig(source_tokens=900), AskConfig(source_tokens=64)
    Expert(searcher, speaker, long).ask(PRESSURE)
    Expert(searcher, speaker, short).ask(PRESSURE)
    sizes = [len(prompt.split("Sources:")[1].split("Question:")[0].split()) for prompt in speaker.prompts]
    assert sizes[1] <= 64 < sizes[0]


@pytest.mark.parametrize(("asked", "granted"), [(None, 128), (5, 5), (999, 128)])
def test_an_answer_is_never_longer_than_the_settings_allow(
    searcher: Searcher, speaking: Any, asked: int | None, granted: int
) -> None:
    speaker = speaking("4 bar")
    Expert(searcher, speaker).ask(PRESSURE, asked)
    assert speaker.asked_for == [granted]


def test_the_same_question_gets_the_same_answer(project: Path, searcher: Searcher) -> None:
    with Expert.open(project) as other:
        assert other.ask(PRESSURE) == Expert(searcher).ask(PRESSURE)


def test_a_project_without_an_index_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing, match="loresmith index"):
        Expert.open(tmp_path)


def test_the_starter_answers_within_its_window(searcher: Searcher) -> None:
    from loresmith.models.language import open_model
    from loresmith.models.locate import find

    starter = open_model(find("starter", None))
    expert = Expert(searcher, starter, AskConfig(max_new_tokens=24))
    answer = expert.ask(PRESSURE)
    assert answer.text and answer.generator == "starter"
    assert list(expert.stream(PRESSURE))[-1] == answer
    assert expert.count_tokens("one two three") >= 3


def test_an_expert_that_answers_from_memory_sees_no_sources_and_still_cites_what_supports_it(
    searcher: Searcher, speaking: Any
) -> None:
    speaker = speaking("4 bar")
    answer = Expert(searcher, speaker, is_grounded=False).ask(PRESSURE)
    assert "Sources:" not in speaker.prompts[0] and PRESSURE in speaker.prompts[0]
    assert answer.citations[0].quote == "The relief valve of the boiler opens at 4 bar."
