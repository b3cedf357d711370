from collections.abc import Callable
from typing import Any

from loresmith.contamination.index import Benchmarks
from loresmith.contamination.screening import contaminated_dialogues, contaminated_questions
from loresmith.exchange.dialogue import Dialogue, Turn, pair
from loresmith.records import Question

QUESTION = "Which of these valves lets steam out of the boiler before the pressure bursts the third drum?"
Held = Callable[..., Benchmarks]


def question(**fields: Any) -> Question:
    known: dict[str, Any] = {
        **{"id": "q1", "fact": "f", "document": "d", "source": "d.md", "page": None, "chunk": "c", "kind": "number"},
        **{"form": "short", "wording": 0, "question": "What opens?", "answer": "7", "quote": "It opens."},
    }
    return Question.model_validate(known | fields)


def test_a_later_turn_of_a_conversation_is_compared_as_well(held: Held) -> None:
    clean = Dialogue(id="a", turns=pair("Hello there.", "Hi."))
    leaking = Dialogue(id="b", turns=(*pair("Hello there.", "Hi."), *pair(QUESTION, "The relief valve.")))
    none, hit = contaminated_dialogues([clean, leaking], held([{"question": QUESTION}]))
    assert none is None
    assert hit is not None
    assert (hit.row, hit.row_text, hit.item, hit.reason) == (
        *("b", QUESTION, "bench/test.jsonl, line 1"),
        "in a benchmark: equal",
    )


def test_system_prompts_tool_results_and_passages_are_compared_by_runs(held: Held) -> None:
    benchmarks = held([{"question": QUESTION}])
    turns = (*pair("Hello there.", "Hi."), Turn(role="user", text="Look."), Turn(role="call", text="{}"))
    called = Dialogue(id="c", turns=(*turns, Turn(role="result", text=QUESTION), Turn(role="assistant", text="Done.")))
    system = Dialogue(id="s", turns=pair("Hello there.", "Hi."), system=f"You know: {QUESTION}")
    passage = Dialogue(id="p", turns=pair("Hello there.", "Hi."), contexts=(QUESTION,))
    found = [hit for hit in contaminated_dialogues([called, system, passage], benchmarks) if hit]
    assert [(hit.row, hit.check) for hit in found] == [(name, "run of words") for name in "csp"]


def test_a_question_of_a_project_is_compared_with_its_options_answer_and_quote(held: Held) -> None:
    benchmarks = held(
        [{"question": "Which one opens?", "choices": ["one of four", "one of five"], "support": QUESTION}]
    )
    rows = [
        question(),
        question(id="q2", form="choice", question="Which one opens?", options=("one of four", "one of five")),
        question(id="q3", quote=f"As it says: {QUESTION}"),
        question(id="q4", answer=QUESTION),
    ]
    found = [
        None if hit is None else (hit.row, hit.check, hit.part) for hit in contaminated_questions(rows, benchmarks)
    ]
    assert found == [
        None,
        ("q2", "equal", "question"),
        ("q3", "run of words", "context"),
        ("q4", "run of words", "context"),
    ]
