"""The texts of a benchmark's items, whatever the benchmark calls its columns.

Question and choices, answers and passages are told apart by the names that common benchmarks use (MMLU, ARC, GSM8K,
HellaSwag, SciQ, SQuAD, TruthfulQA, PubMedQA, PIQA, WinoGrande, RACE, MATH, ...), by the dataset formats that can be
read, and by nesting: what lies in lists and objects without a question of its own is looked into.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.exchange.dialogue import Refused
from loresmith.exchange.glaive import GLAIVE
from loresmith.exchange.messages import MESSAGES
from loresmith.exchange.oasst import OASST
from loresmith.exchange.row_format import Content
from loresmith.exchange.sharegpt import SHAREGPT

CONVERSATIONS = (OASST, GLAIVE, SHAREGPT, MESSAGES)
QUESTIONS = (
    *("question", "questions", "question_stem", "stem", "query", "problem", "ctx", "claim", "goal", "sentence"),
    *("user_input", "instruction", "instructions", "turns", "prompt", "input", "text"),
)
"""The first of these that holds text is the question: HellaSwag has `ctx` and no question, SciFact has `input`."""
ANSWERS = {
    *("answer", "answers", "best_answer", "correct_answer", "correct_answers", "long_answer", "solution", "solutions"),
    *("output", "outputs", "response", "completion", "target", "targets", "reference", "references", "ground_truth"),
    *("ground_truths", "canonical_solution", "code", "explanation", "rationale", "justification", "instances"),
}
CHOICES = {"choices", "options", "endings", "distractors", "incorrect_answers", "mc1_targets", "mc2_targets"}
CHOICE = re.compile(r"[a-j]|(choice|option|ending|distractor|sol|answer)_?([a-j]|\d)")
"""One column for each choice: `A`, `Option A`, `choice0`, `sol1`."""
CONTEXTS = {
    *("context", "contexts", "passage", "passages", "article", "story", "support", "premise", "evidence", "gold_ctx"),
    *("ctxs", "background", "document", "documents", "retrieved_contexts", "reference_contexts", "input"),
}
INNER_TEXT = ("text", "choices", "contexts", "evidence_text")
"""What is taken of an object that holds labels or offsets beside its text."""
DEEPEST = 12
"""Levels of lists and objects that are looked into."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a benchmark."""

    place: str
    """Its file and line or row."""
    questions: tuple[str, ...]
    """Each is asked alone; more than one where several are asked about one text."""
    choices: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    """Passages that come with the question."""


def items_in(content: Content, place: str, contexts: tuple[str, ...] = (), depth: int = 0) -> Iterator[Item]:
    """The items that one row holds: itself, or those nested in it; none when it holds no question."""
    if (spoken := _conversation(content, place)) is not None:
        yield spoken
        return
    columns = {_plain(name): value for name, value in content.items()}
    if isinstance(columns.get("question"), Mapping):  # ARC nests the stem and its choices
        columns = {**columns, **{_plain(name): value for name, value in columns.pop("question").items()}}
    asked = next((name for name in QUESTIONS if _asks(columns.get(name))), None)
    if asked is not None:
        yield _item(columns, asked, place, contexts)
    elif depth < DEEPEST:
        around = (*contexts, *_column_texts(columns, CONTEXTS))
        for name, value in content.items():
            for number, inner in enumerate(_objects(value), 1):
                where = f"{place}, {name}" if isinstance(value, Mapping) else f"{place}, {name} {number}"
                yield from items_in(inner, where, around, depth + 1)


def is_question(column: str) -> bool:
    """Whether a column of that name holds questions."""
    return _plain(column) in QUESTIONS


def _conversation(content: Content, place: str) -> Item | None:
    """A row of chat messages as an item; `None` when it is another kind of row."""
    form = next((form for form in CONVERSATIONS if form.claims(content)), None)
    if form is None:
        return None
    try:
        turns = [turn for said in form.read(content) for turn in said.turns]
    except Refused:
        return None
    asked = tuple(dict.fromkeys(turn.text for turn in turns if turn.role == "user"))
    return Item(place, asked, answers=tuple(turn.text for turn in turns if turn.role == "assistant"))


def _item(columns: Mapping[str, Any], asked: str, place: str, around: tuple[str, ...]) -> Item:
    questions = tuple(_texts(columns[asked]))
    rest = {name: value for name, value in columns.items() if name != asked}
    if asked == "instruction":  # of an Alpaca row; elsewhere `input` is what the question is about
        questions = ("\n".join([*questions, *_texts(rest.pop("input", None))]),)
    listed = {name for name, value in rest.items() if name in CHOICES or CHOICE.fullmatch(name) or _is_lettered(value)}
    return Item(
        place=place,
        questions=questions,
        choices=tuple(_column_texts(rest, listed)),
        answers=tuple(_column_texts(rest, ANSWERS - listed)),
        contexts=(*around, *_column_texts(rest, CONTEXTS)),
    )


def _column_texts(columns: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [text for name, value in columns.items() if name in wanted for text in _texts(value)]


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isnan(value):
            yield str(value)
    elif depth >= DEEPEST:
        return
    elif isinstance(value, Mapping):
        chosen = next((name for name in INNER_TEXT if name in value), None)
        for inner in value.values() if chosen is None else (value[chosen],):
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, depth + 1)


def _asks(value: Any) -> bool:
    """Whether a question's column holds text: one, or a list of them."""
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [inner for inner in listed if isinstance(inner, Mapping)]


def _is_lettered(value: Any) -> bool:
    """Whether an object lists choices by their letters."""
    return isinstance(value, Mapping) and len(value) > 1 and all(len(str(name)) == 1 for name in value)


def _plain(name: Any) -> str:
    return re.sub(r"[\s-]+", "_", str(name).strip().lower())
