"""Ragas rows, of both ages: `user_input`, `reference`, `retrieved_contexts`, or `question`, `ground_truth`, `contexts`.

The answer is the reference where there is one, and what a system answered otherwise. Contexts stay beside the question:
closed-book training must not read them.
"""

from collections.abc import Iterator
from typing import Any

from loresmith.exchange.dialogue import Dialogue, Refused, Said, pair
from loresmith.exchange.row_format import Content, RowFormat, one_answer, text

QUESTIONS = ("user_input", "question")
REFERENCES = ("reference", "ground_truth")
ANSWERS = ("response", "answer")
CONTEXTS = ("reference_contexts", "retrieved_contexts", "contexts")
NO_REFERENCE = "no reference: what a system answered is taken as the answer"


def _claims(content: Content) -> bool:
    answers = (*REFERENCES, "ground_truths", *ANSWERS)
    return any(name in content for name in QUESTIONS) and any(name in content for name in answers)


def _read(content: Content) -> Iterator[Said]:
    if isinstance(content.get("user_input"), list):
        raise Refused("a ragas conversation of several turns")
    truths = content.get("ground_truths")
    several = [truth for truth in truths if isinstance(truth, str)] if isinstance(truths, list) else []
    reference = text(content, *REFERENCES) or (several[0] if several else "")
    notes = (NO_REFERENCE,) if not reference and text(content, *ANSWERS) else ()
    if len(several) > 1:
        notes = (*notes, "only the first of several references is taken")
    yield Said(
        pair(text(content, *QUESTIONS), reference or text(content, *ANSWERS)),
        contexts=_contexts(content),
        notes=notes,
    )


def _contexts(content: Content) -> tuple[str, ...]:
    for name in CONTEXTS:
        found = content.get(name)
        if isinstance(found, str) and found.strip():
            return (found,)
        if isinstance(found, list) and found:
            return tuple(passage for passage in found if isinstance(passage, str))
    return ()


def _write(dialogue: Dialogue) -> dict[str, Any]:
    question, answer = dialogue.turns
    return {"user_input": question.text, "reference": answer.text, "reference_contexts": list(dialogue.contexts)}


def _unfit(dialogue: Dialogue) -> str | None:
    return "the letter of an option is no reference" if dialogue.options else one_answer(dialogue)


RAGAS = RowFormat(
    name="ragas",
    about="user_input, reference, reference_contexts",
    columns=dict.fromkeys(QUESTIONS, "question")
    | dict.fromkeys((*REFERENCES, "ground_truths"), "answer")
    | dict.fromkeys(ANSWERS, "answer where there is no reference")
    | dict.fromkeys(CONTEXTS, "contexts, kept beside the question"),
    claims=_claims,
    read=_read,
    write=_write,
    unfit=_unfit,
    optional=frozenset({"reference_contexts"}),
)
