import asyncio
from typing import Any

import pytest

from loresmith.serve.desk import Desk
from loresmith.serve.page.chat import Turn, conversation
from tests.serve.librarian import Librarian


def last_view(librarian: Librarian, question: str, talked: list[Turn]) -> list[Turn]:
    async def talk() -> list[Turn]:
        return [turns async for turns, _ in conversation(Desk(librarian), question, talked)][-1]

    return asyncio.run(asyncio.wait_for(talk(), 20))


def turn(content: Any, role: str = "user") -> Turn:
    return {"role": role, "content": content}


@pytest.mark.parametrize("is_in_parts", [False, True])
def test_a_follow_up_is_asked_whole_and_shown_as_understood(librarian: Librarian, is_in_parts: bool) -> None:
    text = "What does the relief valve weigh?"
    talked = [turn([{"type": "text", "text": text}] if is_in_parts else text), turn("3 kg [1].", "assistant")]
    *_, question, answer = last_view(librarian, "And the pump?", talked)
    assert librarian.asked == [("What does the pump weigh?", None)]
    assert question["content"] == "And the pump?"
    assert answer["content"] == "Two small matrices [1].\n\n*Understood as: What does the pump weigh?*"


def test_a_question_that_stands_alone_is_shown_without_a_word_on_it(librarian: Librarian) -> None:
    talked = [turn("What does the relief valve weigh?"), turn("3 kg [1].", "assistant")]
    assert last_view(librarian, "Why LoRA?", talked)[-1]["content"] == "Two small matrices [1]."
    assert librarian.asked == [("Why LoRA?", None)]


def test_what_was_understood_is_escaped_once_and_asked_as_it_was_written(librarian: Librarian) -> None:
    hostile = 'What does "<img src=x> ![a](b)" weigh?'
    first = last_view(librarian, hostile, [])
    answer = last_view(librarian, "Why is it so?", first)[-1]["content"]
    assert librarian.asked[1] == ('Why is "<img src=x> ![a](b)" so?', None)
    assert "&lt;img src=x> &#33;[a](b)" in answer
    assert "<img" not in answer
    assert "&amp;" not in answer
