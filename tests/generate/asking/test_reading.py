import json
from typing import Any

import pytest

from loresmith.generate.asking.reading import read
from loresmith.models.endpoint.completion import Usage

FACT = {"quote": "BR-7 holds 12 springs.", "answer": "12", "questions": ["How many springs has BR-7?"]}
WHOLE = json.dumps({"facts": [FACT, FACT]})


def body(content: Any, **choice: Any) -> str:
    return json.dumps({"choices": [{"message": {"content": content}, **choice}]})


@pytest.mark.parametrize(
    "content",
    [
        WHOLE,
        f"```json\n{WHOLE}\n```",
        f"Here they are: {WHOLE} I hope it helps {{:-}}",
        f"<think>Perhaps {{\"facts\": []}} or {{x}}?</think>\n{WHOLE}",
    ],
)  # fmt: skip
def test_text_around_the_json_is_passed_over(content: str) -> None:
    assert [fact.answer for fact in read(body(content)).rows] == ["12", "12"]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("", "no chat completion"),
        ("[]", "no chat completion"),
        ('{"choices": []}', "no chat completion"),
        ('{"choices": [null]}', "no chat completion"),
        (body(None), "empty answer"),
        (body("  \n"), "empty answer"),
        (body([{"type": "text"}]), "no chat completion"),
        (body(WHOLE[:40]), "truncated JSON"),
        (body("word " * 9, finish_reason="length"), "truncated JSON"),
        (body("I cannot."), "no JSON"),
        (body('{"rows": [1]}'), "wrong schema"),
        (body('{"facts": {"quote": "x"}}'), "wrong schema"),
        (body('{"facts": [{"quote": "x", "answer": 7, "questions": ["y"]}]}'), "wrong schema"),
        (body("{" * 100_000), "no JSON"),
        ("[" * 100_000, "no chat completion"),
        (body('{"facts": [{"quote": ' + "[" * 500 + "]" * 500 + "}]}"), "wrong schema"),
    ],
)
def test_an_answer_without_facts_has_its_reason(raw: str, fault: str) -> None:
    assert (read(raw).fault, read(raw).rows) == (fault, ())


def test_a_refusal_is_no_empty_answer() -> None:
    assert read(json.dumps({"choices": [{"message": {"content": None, "refusal": "No."}}]})).fault == (
        "refused by the model"
    )


def test_a_chunk_that_says_nothing_is_no_fault() -> None:
    assert (read(body('{"facts": []}')).fault, read(body('{"facts": []}')).rows) == (None, ())


def test_facts_of_the_wrong_shape_are_counted_and_the_others_kept() -> None:
    reply = read(body(json.dumps({"facts": [FACT, {"quote": "x"}, 3, FACT | {"more": 1}]})))
    assert (len(reply.rows), reply.misshapen, reply.fault) == (2, 2, None)


@pytest.mark.parametrize(
    ("usage", "known"),
    [
        ({"prompt_tokens": 7, "completion_tokens": 2}, Usage(7, 2)),
        ({"prompt_tokens": 7}, None),
        (None, None),
        (3, None),
    ],
)
def test_tokens_are_known_only_where_the_server_counted_both(usage: Any, known: Usage | None) -> None:
    assert read(json.dumps({"choices": [{"message": {"content": WHOLE}}], "usage": usage})).usage == known


def test_half_a_surrogate_pair_is_replaced_so_that_a_file_can_hold_it() -> None:
    fact = FACT | {"questions": ["How many \ud83d springs?"], "wrong_answers": ["\udc00"]}
    (found,) = read(body(json.dumps({"facts": [fact]}))).rows
    assert found.questions == ("How many \ufffd springs?",)
    assert json.loads(found.model_dump_json())["wrong_answers"] == ["\ufffd"]
