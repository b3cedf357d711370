"""Sources for each question, looked up once and shared by both grounded arms."""

from collections.abc import Callable, Sequence

from loresmith.models import prompts
from loresmith.models.speaker import Speaker
from loresmith.recipe import AskConfig, EvaluateConfig
from loresmith.records import Passage, Question, Record
from loresmith.retrieval import ground

Search = Callable[[str, int], list[Passage]]
"""The best passages for a question, at most so many."""

SPARE_TOKENS = 16
"""What the words around sources and question take in a prompt, beyond the question's own."""


class Lookup(Record):
    """What retrieval brought for one question."""

    question: str
    chunks: tuple[str, ...]
    """Ids of the passages, best first."""
    gold_rank: int | None
    """Rank from 1 of the chunk that the question was made from; `None` where it is not among `chunks`."""
    has_quote: bool
    """The words that hold the answer, and all others that the question rests on, stand in `sources`."""
    sources: str = ""
    """As they stand in the prompt; left out of the finished log, which ids and length make whole."""
    characters: int = 0
    """Length of the sources."""


def look_up(question: Question, search: Search, speaker: Speaker, ask: AskConfig, evaluate: EvaluateConfig) -> Lookup:
    """The sources for `question`, cut so that prompt and answer fit the model's window."""
    passages = search(question.question, ask.passages)
    budget = min(ask.source_tokens, speaker.window - _needed(question, speaker, evaluate))
    text, _ = ground.sources(passages, lambda words: count_tokens(speaker, words), budget) if budget > 0 else ("", ())
    chunks = tuple(passage.chunk for passage in passages)
    return Lookup(
        question=question.id,
        chunks=chunks,
        gold_rank=chunks.index(question.chunk) + 1 if question.chunk in chunks else None,
        has_quote=all(_spaced(quote) in _spaced(text) for quote in _quotes(question)),
        sources=text,
        characters=len(text),
    )


def restored(lookup: Lookup, text_of: Callable[[str], str]) -> Lookup:
    """A lookup of the finished log with its sources again, as the exam's grounded arms saw them.

    Sources are a beginning of all passages one below the other: only the last that is shown can be cut.
    """
    whole = prompts.numbered(text_of(chunk).strip() for chunk in lookup.chunks)
    return lookup.model_copy(update={"sources": whole[: lookup.characters]})


def count_tokens(speaker: Speaker, text: str) -> int:
    """Tokens of plain `text`, without what a chat template puts around it."""
    return len(speaker.encode_reply(text)) - 1


def _needed(question: Question, speaker: Speaker, evaluate: EvaluateConfig) -> int:
    """Tokens of the prompt without sources, and of the longest answer."""
    if question.form == "short":
        return len(speaker.encode(prompts.short(question.question))) + evaluate.max_new_tokens + SPARE_TOKENS
    asked = (
        prompts.choice(question.question, question.options)
        if evaluate.choice_scoring == "letter"
        else prompts.short(question.question)
    )
    return len(speaker.encode(asked)) + longest_reply(question.options, speaker) + SPARE_TOKENS


def longest_reply(options: Sequence[str], speaker: Speaker) -> int:
    """Tokens of the longest option as an answer."""
    return max(len(speaker.encode_reply(option)) for option in options)


def _quotes(question: Question) -> tuple[str, ...]:
    return (question.quote, *(evidence.quote for evidence in question.also))


def _spaced(text: str) -> str:
    return " ".join(text.split())
