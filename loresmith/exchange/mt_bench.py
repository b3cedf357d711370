"""MT-Bench questions: `turns` holds what is asked, `reference` the answers where they are known."""

from collections.abc import Iterator

from loresmith.exchange.dialogue import Refused, Said, Turn, pair
from loresmith.exchange.row_format import Content, RowFormat


def _claims(content: Content) -> bool:
    turns = content.get("turns")
    return isinstance(turns, list) and all(isinstance(turn, str) for turn in turns)


def _read(content: Content) -> Iterator[Said]:
    questions, answers = content["turns"], content.get("reference")
    if not answers:
        raise Refused("questions without reference answers")
    if not isinstance(answers, list) or len(answers) != len(questions):
        raise Refused("reference answers to some of the questions only")
    turns: list[Turn] = []
    for question, answer in zip(questions, answers, strict=True):
        turns.extend(pair(question, str(answer)))
    yield Said(tuple(turns))


MT_BENCH = RowFormat(
    name="mt-bench",
    about="turns that are asked, with reference answers",
    columns={"turns": "questions", "reference": "answers"},
    claims=_claims,
    read=_read,
)
