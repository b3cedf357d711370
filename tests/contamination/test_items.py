from typing import Any

import pytest

from loresmith.contamination.items import Item, items_in

SHAPES: dict[str, tuple[dict[str, Any], list[Item]]] = {
    "one column for each choice": (
        {"question": "Q?", "choice0": "a", "choice1": "b", "answer": 1},
        [Item("p", ("Q?",), ("a", "b"), ("1",))],
    ),
    "lettered columns": (
        {"Question": "Q?", "A": "a", "Option B": "b", "Answer": "B", "Domain": "net"},
        [Item("p", ("Q?",), ("a", "b"), ("B",))],
    ),
    "a stem with labelled choices in it": (
        {"id": "7", "question": {"stem": "Q?", "choices": [{"text": "a", "label": "A"}, {"text": "b", "label": "B"}]}},
        [Item("p", ("Q?",), ("a", "b"))],
    ),
    "choices as two lists": (
        {"question_stem": "Q?", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "A"},
        [Item("p", ("Q?",), ("a", "b"))],
    ),
    "choices by their letters": (
        {"question": "Q?", "answers": {"A": "a", "B": "b"}, "solution": "A"},
        [Item("p", ("Q?",), ("a", "b"), ("A",))],
    ),
    "endings of a context": (
        {"ctx": "A woman", "ctx_a": "A", "endings": ["sits.", "runs."], "label": 1},
        [Item("p", ("A woman",), ("sits.", "runs."))],
    ),
    "distractors and support": (
        {"question": "Q?", "distractor1": "b", "correct_answer": "a", "support": "S."},
        [Item("p", ("Q?",), ("b",), ("a",), ("S.",))],
    ),
    "answers with their offsets": (
        {"context": "C.", "question": "Q?", "answers": {"text": ["a"], "answer_start": [3]}},
        [Item("p", ("Q?",), (), ("a",), ("C.",))],
    ),
    "paragraphs with several questions": (
        {"title": "T", "paragraphs": [{"context": "C.", "qas": [{"question": "Q?"}, {"question": "R?"}]}]},
        [
            Item("p, paragraphs 1, qas 1", ("Q?",), contexts=("C.",)),
            Item("p, paragraphs 1, qas 2", ("R?",), contexts=("C.",)),
        ],
    ),
    "items by their ids": (
        {"17": {"QUESTION": "Q?", "CONTEXTS": ["C.", "D."], "final_decision": "yes"}, "18": {"QUESTION": "R?"}},
        [Item("p, 17", ("Q?",), contexts=("C.", "D.")), Item("p, 18", ("R?",))],
    ),
    "a list under another name": (
        {"questions": [{"question": "Q?"}, {"question": "R?"}]},
        [Item("p, questions 1", ("Q?",)), Item("p, questions 2", ("R?",))],
    ),
    "several questions about one text": (
        {"instructions": ["Q?", "R?"], "outputs": ["a", "b"], "input": "A long paper."},
        [Item("p", ("Q?", "R?"), (), ("a", "b"), ("A long paper.",))],
    ),
    "an instruction with its input": (
        {"instruction": "Add.", "input": "1 2", "output": "3"},
        [Item("p", ("Add.\n1 2",), (), ("3",))],
    ),
    "a claim with passages": (
        {"input": "Claim.", "gold_ctx": [{"title": "T", "text": "C."}], "answer": "true"},
        [Item("p", ("Claim.",), (), ("true",), ("C.",))],
    ),
    "chat messages": (
        {"messages": [{"role": "user", "content": "Q?"}, {"role": "assistant", "content": "a"}]},
        [Item("p", ("Q?",), (), ("a",))],
    ),
    "turns": ({"question_id": 1, "turns": ["Q?", "R?"]}, [Item("p", ("Q?", "R?"))]),
    "nothing that is a question": ({"doc_name": "x", "company": "y"}, []),
    "a blank question": ({"question": "  "}, []),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_texts_of_a_shape_are_told_apart(shape: str) -> None:
    content, expected = SHAPES[shape]
    assert list(items_in(content, "p")) == expected


def test_nesting_beyond_reason_gives_no_item_instead_of_an_endless_search() -> None:
    content: dict[str, Any] = {"question": "Q?"}
    for _ in range(400):
        content = {"inner": content}
    assert list(items_in(content, "p")) == []
