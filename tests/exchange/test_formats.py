"""Each format's rows as they stand in the wild, and what becomes of them."""

from typing import Any

import pytest

from loresmith.errors import UserError
from loresmith.exchange.dialogue import Refused, Said, pair
from loresmith.exchange.formats import FORMATS, claimant, detect

TREE = {
    "message_tree_id": "t",
    "tree_state": "ready_for_export",
    "prompt": {
        "message_id": "1", "text": "Q1", "role": "prompter", "replies": [
            {"message_id": "2", "text": "A1", "role": "assistant", "replies": [
                {"message_id": "3", "text": "Q2", "role": "prompter", "replies": []},
            ]},
            {"message_id": "4", "text": "A2", "role": "assistant", "replies": [
                {"message_id": "5", "text": "Q3", "role": "prompter", "replies": [
                    {"message_id": "6", "text": "A3", "role": "assistant", "replies": []},
                ]},
            ]},
            {"message_id": "7", "text": "Rude", "role": "assistant", "review_result": False, "replies": []},
        ],
    },
}  # fmt: skip
ROLES = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
FROM = [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]
FRAMED = "Below is an instruction that says what to do.\n\n### Instruction:\nAdd.\n\n### Input:\n1, 2\n\n### Response:"
GLAIVE_CHAT = (
    "USER: How warm is it?\n\n\nASSISTANT: <functioncall> "
    '{"name": "thermometer", "arguments": \'{"room": "hall"}\'} <|endoftext|>\n\n\n'
    'FUNCTION RESPONSE: {"celsius": 21}\n\n\nASSISTANT: 21 degrees. <|endoftext|>\n\n\n'
)
GLAIVE_SYSTEM = (
    "SYSTEM: You are a helpful assistant with access to the following functions. Use them if required -\n"
    '{"name": "thermometer", "parameters": {}}\n\n{"name": "clock", "parameters": {}}'
)


def only(row: dict[str, Any]) -> tuple[str, Said]:
    form = claimant(row)
    assert form is not None
    (said,) = form.read(row)
    return form.name, said


@pytest.mark.parametrize(
    ("name", "row", "question", "answer"),
    [
        ("alpaca", {"instruction": "Add.", "input": "1, 2", "output": "3"}, "Add.\n1, 2", "3"),
        ("alpaca", {"instruction": "Greet.", "input": "", "output": "Hi"}, "Greet.", "Hi"),
        ("dolly", {"instruction": "Who?", "context": "Ada.", "response": "Ada", "category": "qa"}, "Who?\nAda.", "Ada"),
        ("prompt-completion", {"prompt": "Q", "completion": "A"}, "Q", "A"),
        ("prompt-completion", {"prompt": FRAMED, "answer": "3"}, "Add.\n1, 2", "3"),
        ("prompt-completion", {"prompt": ROLES[:1], "completion": ROLES[1:]}, "Q", "A"),
        ("ragas", {"question": "Q", "contexts": ["C"], "ground_truth": "A", "answer": "wrong"}, "Q", "A"),
        ("ragas", {"question": "Q", "ground_truths": ["A"], "answer": "wrong"}, "Q", "A"),
        ("ragas", {"user_input": "Q", "retrieved_contexts": ["C"], "response": "x", "reference": "A"}, "Q", "A"),
        ("ragas", {"question": "Q", "answer": "A"}, "Q", "A"),
        ("sharegpt", {"conversations": FROM, "source": "s", "score": 5.2}, "Q", "A"),
        ("sharegpt", {"conversations": ROLES}, "Q", "A"),
        ("messages", {"messages": [{"role": "user", "content": [{"type": "text", "text": "Q"}]}, ROLES[1]]}, "Q", "A"),
    ],
)  # fmt: skip
def test_a_row_of_each_format_is_known_and_gives_its_question_and_answer(
    name: str, row: dict[str, Any], question: str, answer: str
) -> None:
    found, said = only(row)
    assert found == name
    assert said.turns == pair(question, answer)


def test_alpaca_history_and_system_become_earlier_turns_and_the_system_prompt() -> None:
    row = {"instruction": "Q2", "input": "", "output": "A2", "system": "S", "history": [["Q1", "A1"]]}
    _, said = only(row)
    assert said == Said((*pair("Q1", "A1"), *pair("Q2", "A2")), "S")


def test_each_instance_of_a_seed_task_is_a_conversation() -> None:
    row = {"instruction": "Add.", "instances": [{"input": "1, 2", "output": "3"}, {"input": "2, 2", "output": "4"}]}
    assert [said.turns[1].text for said in FORMATS["alpaca"].read(row)] == ["3", "4"]


def test_every_way_down_a_tree_to_an_answer_is_a_conversation_and_the_rest_is_counted() -> None:
    found = list(FORMATS["oasst"].read(TREE))
    assert [[turn.text for turn in said.turns] for said in found] == [["Q1", "A1"], ["Q1", "A2", "Q3", "A3"]]
    assert [note.split(" ")[1] for note in found[0].notes] == ["question", "message"]


def test_ragas_contexts_stay_beside_the_question() -> None:
    _, said = only({"question": "Q", "contexts": ["C1", "C2"], "ground_truth": "A"})
    assert said.contexts == ("C1", "C2")
    assert "C1" not in said.turns[0].text


def test_an_answer_that_no_reference_confirms_is_noted() -> None:
    _, said = only({"question": "Q", "contexts": [], "answer": "A"})
    assert said.notes[0].startswith("no reference")


def test_a_glaive_chat_gives_functions_calls_results_and_answers() -> None:
    _, said = only({"system": GLAIVE_SYSTEM, "chat": GLAIVE_CHAT})
    assert [turn.role for turn in said.turns] == ["user", "call", "result", "assistant"]
    assert said.turns[1].text == '{"name": "thermometer", "arguments": {"room": "hall"}}'
    assert said.system == "You are a helpful assistant."
    assert '"clock"' in said.tools


def test_openai_tool_calls_and_sharegpt_function_calls_are_the_same_turns() -> None:
    call = {"name": "clock", "arguments": '{"zone": "UTC"}'}
    openai = {
        "messages": [
            {"role": "user", "content": "Time?"},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]},
            {"role": "tool", "tool_call_id": "1", "content": "noon"},
            {"role": "assistant", "content": "Noon."},
        ],
        "tools": [{"type": "function", "function": {"name": "clock"}}],
    }
    sharegpt = {
        "conversations": [
            {"from": "human", "value": "Time?"},
            {"from": "function_call", "value": '{"name": "clock", "arguments": {"zone": "UTC"}}'},
            {"from": "observation", "value": "noon"},
            {"from": "gpt", "value": "Noon."},
        ],
        "tools": '[{"name": "clock"}]',
    }
    assert only(openai)[1] == only(sharegpt)[1]


def parallel(*answered: str | None) -> dict[str, Any]:
    calls = [{"id": name, "type": "function", "function": {"name": name, "arguments": "{}"}} for name in ("a", "b")]
    results = [{"role": "tool", "tool_call_id": name, "content": f"of {name}"} for name in answered]
    return {"messages": [ROLES[0], {"role": "assistant", "tool_calls": calls}, *results, ROLES[1]]}


def test_results_of_parallel_calls_are_put_into_the_order_of_the_calls() -> None:
    _, said = only(parallel("b", "a"))
    assert [turn.text for turn in said.turns[2:4]] == ["of a", "of b"]
    _, untold = only(parallel(None, None))
    assert [turn.role for turn in untold.turns] == ["user", "call", "result", "result", "assistant"]


@pytest.mark.parametrize("answered", [("a", "c"), ("b",), ("a", "a"), ("a", None)])
def test_results_that_cannot_be_paired_with_their_calls_are_refused(answered: tuple[str | None, ...]) -> None:
    with pytest.raises(Refused, match="tool results whose ids are not those of the calls"):
        only(parallel(*answered))


@pytest.mark.parametrize(("given", "answer"), [(42, "42"), (0, "0"), (2.5, "2.5"), (float("nan"), ""), (None, "")])
def test_a_number_is_an_answer_and_an_empty_cell_is_none(given: float | None, answer: str) -> None:
    _, said = only({"instruction": "Q", "output": given})
    assert said.turns[1].text == answer


@pytest.mark.parametrize("given", [True, False, ["A"], {"a": 1}])
def test_an_answer_that_is_neither_text_nor_a_number_is_refused_as_such(given: object) -> None:
    with pytest.raises(Refused, match="the column 'output' is not text"):
        only({"instruction": "Q", "output": given})


def test_the_format_of_most_rows_is_that_of_the_file() -> None:
    rows = [{"prompt": "Q", "completion": "A"}, *[{"instruction": "Q", "output": "A"}] * 2]
    assert detect(rows, "here").name == "alpaca"


def test_rows_of_no_format_are_an_error_that_names_their_columns() -> None:
    with pytest.raises(UserError, match=r"rows\.csv: no format .*columns: text, weight"):
        detect([{"text": "raw", "weight": 1}], "rows.csv")
