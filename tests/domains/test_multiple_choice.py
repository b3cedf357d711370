from collections.abc import Callable
from typing import Any

import pytest

from loresmith.domains.multiple_choice import NO_SUPPORT, arc, checked, listed, sciq
from loresmith.domains.question import each
from loresmith.exchange.dialogue import Dropped, Refused
from loresmith.exchange.files import Portion


def test_a_sciq_row_keeps_its_options_and_its_support_as_evidence(sciq_rows: list[dict[str, Any]]) -> None:
    (asked,) = sciq(sciq_rows[1])
    assert (asked.answer, asked.evidence) == ("organ 1", "Organ 1 is called organ 1.")
    assert asked.options == ("organ 1", "bone 1", "leaf 1", "root 1")
    assert (asked.topic, asked.needs, asked.note) == ("biology", "", "")


def test_a_sciq_row_without_support_says_so_and_one_without_distractors_has_no_options() -> None:
    (asked,) = sciq({"question": "What beats?", "correct_answer": "the heart", "support": ""})
    assert (asked.note, asked.evidence, asked.options) == (NO_SUPPORT, "", ())


@pytest.mark.parametrize(
    "row",
    [
        {
            "question": "Why is ice cold?",
            "choices": {"text": ["It is frozen.", "It is red."], "label": ["A", "B"]},
            "answerKey": "A",
        },
        {
            "question": {
                "stem": "Why is ice cold?",
                "choices": [{"text": "It is frozen.", "label": "1"}, {"text": "It is red.", "label": "2"}],
            },
            "answerKey": "1",
        },
    ],
    ids=["hub", "ai2"],
)
def test_arc_is_read_as_the_hub_and_as_its_authors_write_it(row: dict[str, Any]) -> None:
    (asked,) = arc(row)
    assert (asked.question, asked.answer) == ("Why is ice cold?", "It is frozen.")
    assert asked.options == ("It is frozen.", "It is red.")


@pytest.mark.parametrize(
    "row",
    [
        {"choices": ["TLS", "FTP"], "answer": 0},
        {"options": {"A": "TLS", "B": "FTP"}, "answer": "A"},
        {"answers": {"A": "TLS", "B": "FTP"}, "solution": "A"},
        {"Option A": "TLS", "Option B": "FTP", "GT": "A"},
        {"choice0": "TLS", "choice1": "FTP", "answer": "0"},
        {"A": "TLS", "B": "FTP", "answer": "TLS"},
    ],
    ids=lambda row: ", ".join(row),
)
def test_practice_questions_are_read_whatever_their_columns_are_called(row: dict[str, Any]) -> None:
    (asked,) = listed({"question": "Which protocol encrypts?", **row})
    assert asked.answer == "TLS"
    assert asked.options == ("TLS", "FTP")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": " ", "options": ["a", "b"], "answer": "a"}, "an empty question"),
        ({"question": "Q?", "options": ["a", "b"], "answer": "c"}, "an answer that is none of the options"),
        ({"question": "Q?", "options": ["a", "b"], "answer": 2}, "an answer that is none of the options"),
        ({"question": "Q?", "options": ["The cell", "the cell."], "answer": "A"}, "options that say the same"),
        ({"question": "Q?", "options": list("abcdefg"), "answer": "a"}, "more than 6 options"),
        ({"question": "Q?", "answer": "a"}, "no options"),
    ],
)
def test_a_row_that_cannot_be_asked_is_refused_with_its_reason(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        list(listed(row))


def test_an_arc_key_that_names_no_choice_costs_that_row_alone(portion: Callable[..., Portion]) -> None:
    row = {"question": "Why?", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "A"}
    bad, good = each(arc)(portion({**row, "answerKey": "E"}, row))
    assert bad == Dropped(place="rows.jsonl, line 1", reason="an answer key that names no choice")
    assert good.place == "rows.jsonl, line 2"


@pytest.mark.parametrize(
    ("question", "needs"),
    [
        ("Which of the following is a virus?", "options"),
        ("All of these are bones except?", "options"),
        ("The heart is a", "options"),
        ("Which organ pumps blood?", ""),
    ],
)
def test_only_a_question_that_points_at_its_options_needs_them(question: str, needs: str) -> None:
    (asked,) = listed({"question": question, "options": ["x", "y"], "answer": "x"})
    assert asked.needs == needs


def test_an_answer_must_be_one_of_the_options_whoever_reads_the_row() -> None:
    with pytest.raises(Refused, match="none of the options"):
        checked("Which protocol encrypts?", ["TLS", "FTP"], "SSH")
