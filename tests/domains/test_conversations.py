from collections.abc import Callable

import pytest

from loresmith.domains.conversations import conversations, own_rows
from loresmith.errors import UserError
from loresmith.exchange.files import Portion
from tests.domains.conftest import questions, reasons

Make = Callable[..., Portion]


def test_a_conversation_keeps_all_its_turns_and_its_category(portion: Make) -> None:
    said = [
        {"role": role, "content": text}
        for role, text in zip(("user", "assistant", "user", "assistant"), "abcd", strict=True)
    ]
    (asked,) = questions(conversations(portion({"messages": said, "category": "chat"})))
    assert asked.conversation is not None
    assert [turn.text for turn in asked.conversation.turns] == ["a", "b", "c", "d"]
    assert (asked.question, asked.answer, asked.topic) == ("a", "d", "chat")


def test_own_rows_may_mix_options_conversations_and_rows_of_no_format(portion: Make) -> None:
    found = portion(
        {"question": "Which port is for TLS?", "options": ["443", "80"], "answer": "443"},
        {"instruction": "Name a cipher.", "output": "AES."},
        {"note": "left by a colleague"},
    )
    choice, plain = questions(own_rows(found))
    assert choice.options == ("443", "80")
    assert plain.conversation is not None
    assert len(reasons(own_rows(found))) == 1


def test_rows_of_no_format_are_an_error_alone_and_dropped_beside_others(portion: Make) -> None:
    stray = {"note": "left by a colleague"}
    with pytest.raises(UserError, match="columns: note"):
        list(own_rows(portion(stray)))
    beside = portion(stray, {"question": "Which port?", "options": ["443", "80"], "answer": "443"})
    assert reasons(own_rows(beside)) == ["neither options nor a known format"]
