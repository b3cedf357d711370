"""Long answers before the judge, and answers of known grade with them, by which the judge itself is measured.

Raw replies lie on the disk before they are used, in a folder of the project: a killed examination asks nothing twice,
and neither does one with another arm that gives an answer judged before. A call that fails is no verdict: the
examination stops and goes on there. A reply that cannot be used is counted with its reason, and its answer stays
without a grade.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith.errors import MachineError
from loresmith.evaluate.judge import Hearing, Judgement, Verdict
from loresmith.models import squad
from loresmith.models.endpoint import completion
from loresmith.models.endpoint import server as chat
from loresmith.models.endpoint.completion import Reply
from loresmith.models.endpoint.desk import Desk
from loresmith.models.endpoint.journal import Journal
from loresmith.models.endpoint.ledger import Ledger
from loresmith.progress import Work
from loresmith.recipe import JudgeConfig
from loresmith.records import UNANSWERABLE, Grade, Progress, Question
from loresmith.retrieval.chunk_table import FILE, ChunkTable

JUDGED = ".judged"
"""Folder of the judge's raw replies, in the project: they are paid for, and outlive the figures drawn from them."""
LOG = "judged.jsonl"
"""Of an examination: one `Judgement` for each answer that the judge was shown."""
USELESS = (
    *(completion.NO_COMPLETION, completion.REFUSED, completion.EMPTY, completion.TRUNCATED, completion.NO_JSON),
    *(completion.WRONG_SCHEMA, chat.TOO_LONG, chat.FILTERED),
)
"""Faults of a reply, which another call would bring again; all others are of the call."""


@dataclass(frozen=True)
class Heard:
    """What the judge said."""

    judgements: tuple[Judgement, ...]
    """In the order of the answers: of long ones, then of those with an exact grade."""
    account: dict[str, Any]
    """Calls, tokens and money."""


NOTHING = Heard((), {})


def held(
    folder: Path,
    config: JudgeConfig,
    grades: Sequence[Grade],
    questions: Mapping[str, Question],
    sources: Mapping[str, str],
    stage: str,
) -> Work[Heard]:
    """The judgement of every long answer among `grades`, and of some with an exact grade, where a judge is named.

    Raises:
        UserError: the key, the model or the address is wrong, or the budget is reached.
        MachineError: the server did not answer every call; what it answered is kept in `folder`.
    """
    long = [grade for grade in grades if grade.form == "long"]
    if config.model is None or not long:
        return NOTHING
    shown = [*long, *compared(grades, questions, config)]
    said = {place: words for place, grade in enumerate(shown) if (words := _said(grade, questions))}
    orders = [
        Hearing(questions[shown[place].question], sources[shown[place].question], words)
        for place, words in said.items()
    ]
    replies: dict[int, Reply[Verdict]] = {}
    ledger = Ledger(config)
    with chat.ChatServer(config) as opened:
        desk = Desk(config.model, config, opened, Journal(folder), ledger)
        yield Progress(stage=stage, done=0, total=len(orders), note=f"judge: {desk.announce(orders)}")
        places = list(said)
        for place, reply in desk.replies(orders):
            replies[places[place]] = reply
            yield Progress(stage=stage, done=len(replies), total=len(orders), note=f"judge: {desk.line()}")
    _require_replies(config, replies.values())
    judgements = tuple(_judgement(grade, replies.get(place)) for place, grade in enumerate(shown))
    account = {name: value for name, value in ledger.account(0).items() if not name.endswith("_per_pair")}
    account.pop("misshapen_facts")
    return Heard(judgements, {"model": config.model, **account})


def compared(grades: Iterable[Grade], questions: Mapping[str, Question], config: JudgeConfig) -> list[Grade]:
    """Answers with an exact grade for the judge to grade too: by lot, half of them right as far as there are.

    Each answer to a question once, whichever arms gave it. The right half keeps a judge that says "wrong" to everything
    from agreeing with arms that know little.
    """
    found: dict[tuple[str, str], Grade] = {}
    for grade in grades:
        if grade.form != "long" and grade.exam != UNANSWERABLE and grade.unparsed is None:
            found.setdefault((grade.question, _said(grade, questions)), grade)
    drawn = sorted(found, key=lambda key: _lot(17 if config.seed is None else config.seed, *key))
    right = [found[key] for key in drawn if found[key].correct]
    wrong = [found[key] for key in drawn if not found[key].correct]
    half = config.compared // 2
    taken = min(len(right), max(half, config.compared - len(wrong)))
    return [*right[:taken], *wrong[: config.compared - taken]]


def sources_of(index: Path, questions: Iterable[Question]) -> dict[str, str]:
    """What the documents say about each question: the chunks that it rests on, or its quotes where there are none."""
    path, found = index / FILE, dict[str, str]()
    asked = list(questions)
    if not path.is_file():
        return {question.id: "\n\n".join(_quotes(question)) for question in asked}
    with closing(ChunkTable(path)) as table:
        for question in asked:
            names = dict.fromkeys((question.chunk, *(evidence.chunk for evidence in question.also)))
            chunks = [chunk.text for name in names if (chunk := table.by_id(name)) is not None]
            missing = [quote for quote in _quotes(question) if not any(quote in text for text in chunks)]
            found[question.id] = "\n\n".join((*chunks, *missing))
    return found


def graded(grades: Iterable[Grade], judgements: Iterable[Judgement], *, is_trusted: bool) -> list[Grade]:
    """`grades` with the long ones right or wrong by a trusted judge; neither without one, or where it said nothing."""
    verdicts = {
        (one.arm, one.exam, one.question): one.verdict == "right"
        for one in judgements
        if is_trusted and one.form == "long" and one.verdict is not None
    }
    return [
        grade
        if grade.form != "long"
        else grade.model_copy(update={"correct": verdicts.get((grade.arm, grade.exam, grade.question))})
        for grade in grades
    ]


def _judgement(grade: Grade, reply: Reply[Verdict] | None) -> Judgement:
    bare = Judgement(
        question=grade.question,
        arm=grade.arm,
        exam=grade.exam,
        form=grade.form,
        verdict=None,
        graded=None if grade.form == "long" else grade.correct,
    )
    if reply is None:  # nothing was said, which needs no judge
        return bare.model_copy(update={"verdict": "wrong", "reason": grade.unparsed or completion.EMPTY})
    if reply.fault is not None:
        return bare.model_copy(update={"fault": reply.fault})
    (found,) = reply.rows
    return bare.model_copy(update={"verdict": found.verdict, "reason": " ".join(found.reason.split())})


def _require_replies(config: JudgeConfig, replies: Iterable[Reply[Verdict]]) -> None:
    missing = Counter(reply.fault for reply in replies if reply.fault and not _is_useless(reply.fault))
    if missing:
        told = ", ".join(f"{count} {fault}" for fault, count in missing.most_common(3))
        raise MachineError(
            f"The judge at {config.base_url} gave no verdict on {missing.total():,} of the answers ({told}).",
            next_step="Run the same command again: it asks about these alone. Nothing that was judged is asked twice.",
        )


def _is_useless(fault: str) -> bool:
    return fault in USELESS or fault.startswith(chat.REFUSED)


def _said(grade: Grade, questions: Mapping[str, Question]) -> str:
    """The words of an answer without citation marks; empty where it has none."""
    said = squad.without_citations(grade.given, questions[grade.question].answer)
    return " ".join(said.split()) if squad.normalised(said) else ""


def _quotes(question: Question) -> tuple[str, ...]:
    return (question.quote, *(evidence.quote for evidence in question.also))


def _lot(seed: int, *parts: str) -> bytes:
    return hashlib.sha256("\x1f".join((str(seed), *parts)).encode("utf-8", "replace")).digest()
