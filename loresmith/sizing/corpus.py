"""Whether there is enough to learn from, or retrieval alone will do better: three counts, each with its reason.

It is an advice by arithmetic; what decides is the examination, whose arm `rag` is retrieval without training.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from loresmith import statistics
from loresmith.recipe import TrainConfig

ENOUGH_QUESTIONS = 1000
"""Lower end of what guides to fine-tuning ask for in one domain (1,000 to 10,000)."""
ENOUGH_STEPS = 100
"""Below, warm-up and the fall of the learning rate leave an adapter few steps at full rate."""
WORTH_SEEING = 0.1
"""A gain in accuracy that the exam must at least be able to show."""
DISCORDANT = 0.3
"""Assumed share of questions that only one of two arms gets right; the exam itself counts them."""


@dataclass(frozen=True)
class Corpus:
    """What a project holds; `None` where a stage has not run yet."""

    tokens: int | None
    """Of all documents."""
    questions: int | None
    """Conversations that would be trained on."""
    facts: int | None
    """Facts behind them."""
    exam: int | None
    """Questions of the smaller exam."""


def doubts(corpus: Corpus, train: TrainConfig, prompt_tokens: int) -> Iterator[str]:
    """Why training is not worth its time here; none where the arithmetic has no objection.

    `prompt_tokens` of sources may stand before one question (`ask.source_tokens`).
    """
    if corpus.tokens is not None and corpus.tokens <= prompt_tokens:
        yield (
            f"the documents have about {corpus.tokens:,} tokens and fit whole into one prompt ({prompt_tokens:,} tokens"
            " of sources), so retrieval misses nothing"
        )
    if corpus.questions is None:
        return
    if corpus.questions < ENOUGH_QUESTIONS:
        yield f"{corpus.questions:,} training questions; guides to fine-tuning ask for {ENOUGH_QUESTIONS:,} or more"
    if (steps := optimizer_steps(corpus.questions, train)) < ENOUGH_STEPS:
        yield f"{steps:,} optimizer steps in {train.num_train_epochs} epochs; below {ENOUGH_STEPS} little is learned"
    if corpus.exam == 0:
        yield "no question is left for an exam, so no gain can be shown"
    elif corpus.exam is not None and (seen := visible(corpus.exam)) > WORTH_SEEING:
        yield f"{corpus.exam:,} exam questions show differences of {seen:.0%} or more; a smaller gain stays unproven"


def optimizer_steps(questions: int, train: TrainConfig) -> int:
    """Steps of all epochs."""
    per_step = train.per_device_train_batch_size * train.gradient_accumulation_steps
    return -(-questions // per_step) * train.num_train_epochs


def visible(exam: int) -> float:
    """Smallest difference in accuracy that `exam` questions show with 80% power (Connor 1987)."""
    return statistics.smallest_visible_difference(exam, DISCORDANT)
