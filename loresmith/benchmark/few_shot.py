"""Worked examples, chosen and set before a question as lm-evaluation-harness 0.4.13 does it.

Where they are drawn, one generator serves all questions in their order, with the harness's seed; so each question has
the same examples in every run, whether a limit leaves others out or not.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from loresmith.benchmark.items import Item
from loresmith.benchmark.table import Task
from loresmith.errors import UserError
from loresmith.models import chat

SEED = 1234
BETWEEN = "\n\n"


@dataclass(frozen=True)
class Prompt:
    """One question as the model reads it."""

    item: Item
    text: str
    replies: tuple[str, ...]
    """What is weighed after `text`, each with its space."""
    before: str
    """Of `text`, what stands before the question; empty in a chat."""


def examples(task: Task, exam: Sequence[Item], pool: Sequence[Item], count: int) -> list[list[Item]]:
    """The worked examples of each question of `exam`, in its order; `pool` may be `exam` itself.

    Raises:
        UserError: a pool is smaller than `count`; names its subject.
    """
    if not count:
        return [[] for _ in exam]
    by_subject: dict[str, list[Item]] = {}
    for item in pool:
        by_subject.setdefault(item.subject, []).append(item)
    is_own = pool is exam
    random = Random(SEED)
    found = []
    for item in exam:
        there = by_subject.get(item.subject, [])
        if len(there) < count + is_own:
            raise UserError(
                f"{task.name}{f':{item.subject}' * bool(item.subject)} needs {count} worked examples, {len(there)} are "
                f"there (split: {' or '.join(task.pool) or 'none'}).",
                next_step=f"Add the file of that split to --data {task.name}=FOLDER, or set --few-shot 0.",
            )
        if task.takes_first:
            found.append([other for other in there if not is_own or not _same(other, item)][:count])
        else:
            found.append(_drawn(random, there, item, count, is_own=is_own))
    return found


def prompts(task: Task, exam: Sequence[Item], shown: Sequence[Sequence[Item]], tokenizer: Any | None) -> list[Prompt]:
    """Each question with its examples before it; with a `tokenizer` in its chat template, the examples as turns.

    In plain text a reply follows after a space, in a chat without one.

    Raises:
        UserError: the tokenizer has no chat template, or it refuses the turns.
    """
    return [
        _plain(task, item, before) if tokenizer is None else _chat(task, item, before, tokenizer)
        for item, before in zip(exam, shown, strict=True)
    ]


def digest(made: Iterable[Prompt], shown: Iterable[Sequence[Item]]) -> str:
    """sha256 over the examples of each question and the words around them."""
    whole = hashlib.sha256()
    for prompt, before in zip(made, shown, strict=True):
        whole.update(prompt.before.encode())
        whole.update("".join(item.model_dump_json() for item in before).encode())
    return whole.hexdigest()


def described(task: Task, item: Item) -> str:
    """What stands before the examples."""
    return task.description.format(subject=item.subject.replace("_", " "))


def _plain(task: Task, item: Item, before: Sequence[Item]) -> Prompt:
    worked = "".join(f"{task.prompt(one)} {task.model_answer(one)}{BETWEEN}" for one in before)
    head = described(task, item) + worked
    return Prompt(item, head + task.prompt(item), tuple(f" {reply}" for reply in task.replies(item)), head)


def _chat(task: Task, item: Item, before: Sequence[Item], tokenizer: Any) -> Prompt:
    told = described(task, item)
    messages = [{"role": "system", "content": told}] if told else []
    for one in before:
        messages.append({"role": "user", "content": task.prompt(one)})
        messages.append({"role": "assistant", "content": task.model_answer(one)})
    messages.append({"role": "user", "content": task.prompt(item)})
    return Prompt(item, chat.worded(tokenizer, messages), task.replies(item), "")


def _drawn(random: Random, there: list[Item], item: Item, count: int, *, is_own: bool) -> list[Item]:
    """`count` of them; where the question itself is among them, one more is drawn, so that it can be left out."""
    if not is_own:
        return random.sample(there, count)
    found = [other for other in random.sample(there, count + 1) if not _same(other, item)][:count]
    return found if len(found) == count else random.sample([o for o in there if not _same(o, item)], count)


def _same(one: Item, other: Item) -> bool:
    return one.model_copy(update={"id": ""}) == other.model_copy(update={"id": ""})
