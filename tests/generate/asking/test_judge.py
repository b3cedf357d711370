import json
from collections.abc import Callable

import pytest

from loresmith.generate.asking.judge import REASONS, UNASKED, Judgement
from loresmith.generate.claims import Claim, fact_of
from loresmith.generate.questions import question_of
from loresmith.records import Chunk

TEXT = "The relief valve opens at 4 bar. The gate valve opens at 9 bar."


def order_of(chunk: Chunk) -> Judgement:
    rows = []
    for name, pressure in (("relief", "4 bar"), ("gate", "9 bar")):
        asked = (f"When does the {name} valve open?", f"At what pressure does the {name} valve open?")
        fact = fact_of(Claim("number", f"The {name} valve opens at {pressure}.", name, pressure, asked), chunk)
        rows += [question_of(fact, "short", place, text, method="openai") for place, text in enumerate(asked)]
    return Judgement(chunk, tuple(rows))


@pytest.mark.parametrize(
    ("verdict", "fault"),
    [
        ({"verdict": "yes", "reason": ""}, None),
        ({"verdict": "yes", "reason": REASONS[0]}, None),
        ({"verdict": "no", "reason": REASONS[1]}, f"judge: {REASONS[1]}"),
        ({"verdict": "no", "reason": "I just <b>feel</b> so"}, "judge: another reason"),
        ({"verdict": "no"}, "judge: another reason"),
        ({"verdict": "maybe", "reason": ""}, UNASKED),
    ],
)
def test_a_verdict_is_a_yes_or_one_of_a_few_reasons(
    chunk_of: Callable[..., Chunk], verdict: dict[str, str], fault: str | None
) -> None:
    order = order_of(chunk_of(TEXT))
    content = json.dumps({"verdicts": [{"number": 2, **verdict}]})
    reply = order.read(json.dumps({"choices": [{"message": {"content": content}}]}))
    assert order.faults(reply) == [UNASKED, fault, UNASKED, UNASKED]


def test_the_judge_sees_each_source_once_with_its_answer_and_its_questions(chunk_of: Callable[..., Chunk]) -> None:
    user = order_of(chunk_of(TEXT)).messages[1]["content"]
    assert user.index("Source: The relief") < user.index("Answer: 4 bar") < user.index("2. At") < user.index("3. When")
    assert user.count("The gate valve opens at 9 bar.") == user.count("Answer: 9 bar") == 1
