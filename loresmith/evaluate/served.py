"""A model on an OpenAI-compatible server sits the exam, through the client that generation uses.

Such servers tell no log-probabilities of a prompt and so cannot weigh the words of an option. Choices are asked for by
letter: the likeliest one as the answer's first token where the server tells the likeliest tokens, else the letter that
was written. Raw answers lie on the disk before they are used; none is asked for twice. A call that fails is no wrong
answer: the exam stops and goes on there.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from loresmith.characters import storable
from loresmith.errors import MachineError, UserError
from loresmith.evaluate import letters
from loresmith.evaluate.arms import SERVER, Arm
from loresmith.evaluate.paper import Batch, Sheet
from loresmith.evaluate.results import Scoring
from loresmith.evaluate.sitting import TOO_LONG, Sat, chosen, graded, unparsed
from loresmith.models import asked, prompts, squad
from loresmith.models.endpoint import server as chat
from loresmith.models.endpoint.completion import NO_COMPLETION, Reply, counted
from loresmith.models.endpoint.desk import Desk
from loresmith.models.endpoint.journal import Journal
from loresmith.models.endpoint.ledger import Ledger
from loresmith.models.prompts import Message
from loresmith.models.speaker import Completion
from loresmith.progress import Work
from loresmith.recipe import EvaluateConfig
from loresmith.records import Grade, Progress, Question
from loresmith.scoring.letters import choice
from loresmith.scoring.reading import NO_OPTION

LETTER_TOKENS = 16
"""Room for `The correct answer is B.`, should the server tell no likelihoods."""
TOP_LOGPROBS = 20
"""The most that OpenAI's interface allows."""


class Heard(BaseModel):
    """What one raw answer says."""

    text: str
    stopped: bool
    """Whether the model ended by itself."""
    told: dict[str, float] | None
    """Log-probability of the likeliest first tokens; `None` where the server tells none."""


@dataclass(frozen=True)
class ExamOrder:
    """One question in one arm, as a call."""

    question: Question
    sources: str | None
    max_new_tokens: int

    schema = None

    @property
    def messages(self) -> list[Message]:
        """The prompt, as every other arm has it; for a choice with the options and their letters."""
        return asked.messages(self.question, self.sources)

    @property
    def top_logprobs(self) -> int | None:
        """As many as may be asked for, where a letter is chosen."""
        return TOP_LOGPROBS if self.question.form == "choice" else None

    @property
    def answer_tokens(self) -> int:
        """Most that the model may write."""
        return LETTER_TOKENS if self.question.form == "choice" else self.max_new_tokens

    def read(self, body: str) -> Reply[Heard]:
        """What the raw answer `body` says; whatever a model said is usable."""
        return heard(body)


def sit(
    folder: Path, config: EvaluateConfig, arms: Sequence[Arm], sheets: Sequence[Sheet], sources: Mapping[str, str]
) -> Work[Sat]:
    """What the model answers in each of `arms`; answers that lie in `folder` are taken from there.

    Raises:
        UserError: no model is named, the key or address is wrong, or the budget is reached.
        MachineError: the server did not answer every question.
    """
    model = config.endpoint.model
    if not model:
        raise UserError("The arms on a server need a model.", next_step="Name it: `evaluate.endpoint.model`.")
    places = [(arm.name, sheet, question) for arm in arms for sheet in sheets for question in sheet.questions]
    grounded = {arm.name for arm in arms if arm.grounded}
    orders = [
        ExamOrder(question, sources.get(question.id) if arm in grounded else None, config.answer_tokens(question.form))
        for arm, _, question in places
    ]
    replies: dict[int, Reply[Heard]] = {}
    with chat.ChatServer(config.endpoint) as opened:
        desk = Desk(model, config.endpoint, opened, Journal(folder), Ledger(config.endpoint))
        yield Progress(stage=SERVER, done=0, total=len(orders), note=desk.announce(orders))
        for place, reply in desk.replies(orders):
            replies[place] = reply
            yield Progress(stage=SERVER, done=len(replies), total=len(orders), note=desk.line())
    _require_answers(config, replies.values())
    grades: dict[str, list[Grade]] = {arm.name: [] for arm in arms}
    ways: dict[str, Counter[Scoring]] = {arm.name: Counter() for arm in arms}
    for place, (arm, sheet, question) in enumerate(places):
        batch = Batch("", arm, sheet.exam, sheet.form, (question,))
        row, way = _graded(batch, question, replies[place], config.number_tolerance)
        grades[arm].append(row)
        ways[arm].update([way] if way else [])
    scoring: dict[str, Scoring] = {arm: "written" if found["written"] else "letter" for arm, found in ways.items()}
    return Sat(f"{model} at {config.endpoint.base_url}", grades, scoring, tuple(_mixed(ways)))


def heard(body: str) -> Reply[Heard]:
    """The raw answer `body` of a chat completion as text and likelihoods."""
    try:
        completion = json.loads(body)
        choice = completion["choices"][0]
        message = choice["message"]
        text = message.get("content") or message.get("refusal") or ""
        stopped = choice.get("finish_reason") != "length"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Reply(fault=NO_COMPLETION)
    if not isinstance(text, str):
        return Reply(fault=NO_COMPLETION)
    said = Heard(text=storable(text), stopped=stopped, told=_told(choice.get("logprobs")))
    return Reply((said,), usage=counted(completion.get("usage")))


def _told(logprobs: Any) -> dict[str, float] | None:
    """The likeliest first tokens; servers put nothing, or something of their own, where they know none."""
    try:
        first = logprobs["content"][0]
        return {str(each["token"]): float(each["logprob"]) for each in (*first["top_logprobs"], first)}
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _require_answers(config: EvaluateConfig, replies: Iterable[Reply[Heard]]) -> None:
    missing = Counter(reply.fault for reply in replies if reply.fault and _reason(reply.fault) is None)
    if missing:
        told = ", ".join(f"{count} {fault}" for fault, count in missing.most_common(3))
        raise MachineError(
            f"{config.endpoint.base_url} left {missing.total():,} questions without an answer ({told}).",
            next_step="Run the same command again: it asks these alone. Nothing that was answered is asked twice.",
        )


def _reason(fault: str) -> str | None:
    """Why the answer to a question cannot be read, where the fault lies in the question; `None` where it does not."""
    if fault == chat.TOO_LONG:
        return TOO_LONG
    return fault if fault == chat.FILTERED or fault.startswith(chat.REFUSED) else None


def _graded(batch: Batch, question: Question, reply: Reply[Heard], tolerance: float) -> tuple[Grade, Scoring | None]:
    """The grade, and for a choice how it was made."""
    if reply.fault:
        return unparsed(batch, question, "", _reason(reply.fault) or reply.fault), None
    (said,) = reply.rows
    if batch.form != "choice":
        return graded(batch, question, Completion((), said.text, said.stopped), tolerance), None
    shown = prompts.LETTERS[: len(question.options)]
    place = letters.likeliest(said.told, shown) if said.told else None
    way: Scoring = "written" if place is None else "letter"
    if place is not None:
        weighed = letters.weighed(said.told, shown) if said.told else ()
        return chosen(batch, question, question.options[place], weighed), way
    read = choice(squad.without_citations(said.text, question.answer), question.options, shown)
    if read.value is None:
        return unparsed(batch, question, said.text.strip(), read.reason or NO_OPTION), way
    return chosen(batch, question, question.options[shown.index(read.value)]), way


def _mixed(ways: Mapping[str, Counter[Scoring]]) -> list[str]:
    """What is said where some choices of an arm were read from likelihoods and some from words."""
    return [
        f"Of the choices of {arm}, {found['letter']} were made by the likelihood of the letters and {found['written']} "
        "by the letter that was written."
        for arm, found in ways.items()
        if found["letter"] and found["written"]
    ]
