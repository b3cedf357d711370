"""The slice of general ability that is asked while a model trains: what should not be forgotten.

Fifty-two questions of our own, in `general.jsonl`: everyday knowledge, arithmetic and word meanings as choices, and
reading a short passage. They are easy on purpose: an instruct model has most of them right, so that a fall shows. Not
covered: how good a model is. Benchmarks say that, after training.
"""

import json
from importlib.resources import files

from loresmith.models import choice, prompts, squad
from loresmith.models.speaker import Speaker
from loresmith.records import Record
from loresmith.scoring.short import mark

NAME = "general.jsonl"
ANSWER_TOKENS = 16


class GeneralQuestion(Record):
    """A choice where there are options, else a question on the passage."""

    question: str
    answer: str
    options: tuple[str, ...] = ()
    passage: str = ""


def questions() -> tuple[GeneralQuestion, ...]:
    """All of them, in order."""
    text = (files("loresmith.train") / NAME).read_text(encoding="utf-8")
    return tuple(GeneralQuestion.model_validate(json.loads(line)) for line in text.splitlines())


def marks(speaker: Speaker, asked: tuple[GeneralQuestion, ...]) -> list[bool]:
    """Which of `asked` the model has right: choices by likelihood, the others written greedily."""
    choices = [item for item in asked if item.options]
    reading = [item for item in asked if not item.options]
    weighed = [choice.weighed(speaker, item.question, item.options, by_letter=False) for item in choices]
    pairs = [(context, reply) for context, replies in weighed for reply in replies]
    sums = iter(speaker.loglikelihood(pairs) if pairs else [])
    right = {}
    for item in choices:
        right[item.question] = choice.best(item.options, [next(sums) for _ in item.options]) == item.answer
    bare = [speaker.encode(prompts.short(item.question, prompts.numbered([item.passage]))) for item in reading]
    written = speaker.complete(bare, ANSWER_TOKENS) if bare else []
    for item, answer in zip(reading, written, strict=True):
        said = squad.without_citations(answer.text, item.answer)
        right[item.question] = answer.stopped and mark(said, item.answer, item.question).correct
    return [right[item.question] for item in asked]
