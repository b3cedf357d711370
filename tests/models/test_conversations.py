from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import UserError
from loresmith.models import chat, prompts
from loresmith.models.conversations import conversations
from loresmith.models.locate import find
from loresmith.models.weights import load_tokenizer
from loresmith.plugins import Conversation
from loresmith.records import Question

SHORT = Question(
    id="q1", fact="f1", document="d", source="a.md", page=None, chunk="c", quote="opens at 4 bar", kind="number",
    form="short", wording=0, question="At what pressure does the relief valve open?", answer="4 bar",
)  # fmt: skip
CHOICE = SHORT.model_copy(update={"form": "choice", "options": ("2 bar", "6 bar", "4 bar")})


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path) -> Any:
    return load_tokenizer(find(str(tiny_model)))


def learned(tokenizer: Any, question: Question) -> Conversation:
    (_, made), *_ = conversations([(question, None)], tokenizer, 512)
    assert isinstance(made, Conversation)
    return made


def test_the_prompt_is_what_the_examination_sends_and_the_answer_ends_the_turn(tokenizer: Any) -> None:
    made = learned(tokenizer, SHORT)
    assert list(made.ids[: made.completion]) == chat.render(tokenizer, prompts.short(SHORT.question))
    assert tokenizer.decode(made.ids[made.completion :]) == "4 bar<|im_end|>"


def test_a_choice_is_answered_with_its_letter(tokenizer: Any) -> None:
    made = learned(tokenizer, CHOICE)
    assert "C. 4 bar\nAnswer with one letter." in tokenizer.decode(made.ids[: made.completion])
    assert tokenizer.decode(made.ids[made.completion :]) == "C<|im_end|>"


def test_a_conversation_that_is_too_long_is_set_aside_with_its_reason(tokenizer: Any) -> None:
    length = len(learned(tokenizer, SHORT).ids)
    fits = list(conversations([(SHORT, None)], tokenizer, length))
    assert isinstance(fits[0][1], Conversation)
    assert list(conversations([(SHORT, None)], tokenizer, length - 1)) == [
        (SHORT, f"longer than train.max_length ({length - 1} tokens)")
    ]


def test_a_choice_without_its_answer_is_an_error(tokenizer: Any) -> None:
    with pytest.raises(UserError, match="not among its options"):
        learned(tokenizer, CHOICE.model_copy(update={"answer": "9 bar"}))
