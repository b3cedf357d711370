"""What a project has to learn from, counted in tokens: exactly as it will be trained where the tokenizer is here."""

from collections.abc import Callable, Mapping, Sequence

from loresmith.artifact import Artifact
from loresmith.errors import UserError
from loresmith.models import asked, prompts
from loresmith.recipe import Recipe, TrainConfig
from loresmith.records import Chunk, Question
from loresmith.sizing.compute import Work
from loresmith.sizing.corpus import Corpus

SAMPLE = 200
"""Questions that are tokenized; the mean of so many is within a few percent."""
CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English, where there is no tokenizer to ask."""
PASSAGES = 1.5
"""Passages before an open-book question: its own, and half the time another."""
Count = Callable[[Question], tuple[int, int]]
"""Tokens of the prompt and of the answer."""


def held(recipe: Recipe, made: Mapping[str, Artifact]) -> tuple[Corpus, Work | None]:
    """What the finished stages in `made` hold, and what there is to train on once the questions are split."""
    chunks = [chunk.text for chunk in made["chunk"].rows(Chunk)] if "chunk" in made else []
    text = sum(map(len, chunks))
    tokens = text // CHARACTERS_PER_TOKEN if chunks else None
    if "split" not in made:
        return Corpus(tokens, None, None, None), None
    rows = [row for row in made["split"].rows(Question, "train.jsonl") if row.form in recipe.train.forms]
    exams = [
        len({row.fact for row in made["split"].rows(Question, f"{exam}.jsonl")}) for exam in ("recall", "transfer")
    ]
    work = to_learn(rows, recipe.train, text / max(1, len(chunks)), counter(recipe))
    facts = len({row.fact for row in rows})
    return Corpus(tokens, work.conversations, facts, min(exams)), work if rows else None


def to_learn(rows: Sequence[Question], train: TrainConfig, passage_characters: float, count: Count) -> Work:
    """The conversations of one epoch: each question closed book, and a share of them with passages once more."""
    sample = rows[:: max(1, len(rows) // SAMPLE)]
    counted = [count(row) for row in sample]
    prompt, answer = (sum(part) / max(1, len(sample)) for part in zip(*counted, strict=True)) if counted else (0.0, 0.0)
    opened = round(train.open_book * len(rows))
    passages = PASSAGES * passage_characters / CHARACTERS_PER_TOKEN
    conversations = len(rows) + opened
    tokens = conversations * (prompt + answer) + opened * passages
    return Work(conversations, round(tokens), round(conversations * answer))


def counter(recipe: Recipe) -> Count:
    """Counts with the model's own tokenizer and template, or by characters where they are not on this machine."""
    from loresmith.models import locate

    try:
        source = locate.find(recipe.model.base, recipe.model.revision)
    except UserError:
        return by_characters
    from loresmith.models import chat
    from loresmith.models.weights import load_tokenizer

    tokenizer = load_tokenizer(source)
    how = chat.turn(tokenizer)

    def exactly(question: Question) -> tuple[int, int]:
        prompt = chat.render(tokenizer, asked.messages(question))
        return len(prompt), len(chat.reply(tokenizer, asked.expected(question), how))

    return exactly


def by_characters(question: Question) -> tuple[int, int]:
    """An estimate from the number of characters; the signs of the template count as ten tokens."""
    messages: list[prompts.Message] = asked.messages(question)
    prompt = sum(len(message["content"]) for message in messages) // CHARACTERS_PER_TOKEN
    return prompt + 10, len(asked.expected(question)) // CHARACTERS_PER_TOKEN + 1
