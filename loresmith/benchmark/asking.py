"""Prompts put to a model, and its likelihoods or words graded."""

import math
from collections.abc import Sequence

from loresmith.benchmark import reading
from loresmith.benchmark.few_shot import Prompt
from loresmith.benchmark.results import Mark
from loresmith.benchmark.table import Task
from loresmith.models.plain import PlainText, Weighed, Written


def ask(task: Task, prompts: Sequence[Prompt], arm: str, model: PlainText, max_new_tokens: int | None) -> list[Mark]:
    """The marks of `prompts`, in their order; `max_new_tokens` is `None` where nothing is written."""
    texts = [prompt.text for prompt in prompts]
    if max_new_tokens is not None:
        written = model.write(texts, max_new_tokens, task.endings)
        return [_read(task, prompt, arm, one) for prompt, one in zip(prompts, written, strict=True)]
    weighed = model.weigh(texts, [prompt.replies for prompt in prompts])
    return [_chosen(task, prompt, arm, one) for prompt, one in zip(prompts, weighed, strict=True)]


def _read(task: Task, prompt: Prompt, arm: str, written: Written) -> Mark:
    item = prompt.item
    if task.form == "number":
        scores, read = reading.numbers(written.text, item.told[0])
    else:
        scores, read = reading.spans(written.text, item.told)
    return Mark(
        question=item.id,
        arm=arm,
        subject=item.subject,
        given=written.text,
        scores=scores,
        read=read,
        is_cut=written.is_cut,
    )


def _chosen(task: Task, prompt: Prompt, arm: str, weighed: Weighed) -> Mark:
    """As the harness counts: the first of equals is chosen, and `acc_norm` divides by the characters of the option."""
    item, replies = prompt.item, task.replies(prompt.item)
    by_character = [value / max(1, len(reply)) for value, reply in zip(weighed.sums, replies, strict=True)]
    places = {"acc": _highest(weighed.sums), "acc_norm": _highest(by_character)}
    if task.form == "mass":
        scores = {"mass": _mass(weighed.sums, item.right)}
    else:
        scores = {metric: float(places[metric] == item.answer) for metric in task.metrics}
    return Mark(
        question=item.id,
        arm=arm,
        subject=item.subject,
        given=replies[places.get(task.metrics[0], places["acc"])],
        scores=scores,
        likelihoods=tuple(round(value, 6) for value in weighed.sums),
        is_cut=weighed.is_cut,
    )


def _highest(values: Sequence[float]) -> int:
    return max(range(len(values)), key=lambda place: (values[place], -place))


def _mass(sums: Sequence[float], right: Sequence[bool]) -> float:
    """The share of the probability of all options that lies on the true ones."""
    top = max(sums)
    shares = [math.exp(value - top) for value in sums]
    return sum(share for share, is_true in zip(shares, right, strict=True) if is_true) / sum(shares)
