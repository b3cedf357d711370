"""Sources for each question, looked up once and shared by both grounded arms."""

from collections.abc import Callable, Sequence
from pathlib import Path

from loresmith.errors import ArtifactCorrupt
from loresmith.models import asked, prompts
from loresmith.models.speaker import Speaker
from loresmith.recipe import AskConfig, EvaluateConfig
from loresmith.records import Chunk, Passage, Question, Record
from loresmith.retrieval import ground
from loresmith.retrieval.searcher import Searcher

Search = Callable[[str, int], list[Passage]]
"""The best passages for a question, at most so many."""
ChunkOf = Callable[[str], Chunk]
"""A chunk of the index by its id."""

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
    passages: tuple[Passage, ...] = ()
    """The same as passages, each as far as it was shown; left out of the finished log too."""
    characters: int = 0
    """Length of the sources."""


def look_up(question: Question, search: Search, speaker: Speaker, ask: AskConfig, evaluate: EvaluateConfig) -> Lookup:
    """The sources for `question`, cut so that prompt and answer fit the model's window."""
    passages = search(question.question, ask.passages)
    budget = min(ask.source_tokens, speaker.window - _needed(question, speaker, evaluate))
    text, shown = "", tuple[Passage, ...]()
    if budget > 0:
        text, shown = ground.sources(passages, lambda words: count_tokens(speaker, words), budget)
    chunks = tuple(passage.chunk for passage in passages)
    return Lookup(
        question=question.id,
        chunks=chunks,
        gold_rank=chunks.index(question.chunk) + 1 if question.chunk in chunks else None,
        has_quote=all(_spaced(quote) in _spaced(text) for quote in _quotes(question)),
        sources=text,
        passages=shown,
        characters=len(text),
    )


def chunks_of(index: Path, searcher: Searcher) -> ChunkOf:
    """Chunks by id, from the open index in the folder `index`; one that is not there is an `ArtifactCorrupt`."""

    def chunk_of(name: str) -> Chunk:
        found = searcher.get(name)
        if found is None:
            raise ArtifactCorrupt(index, f"it does not hold chunk {name}", made_by="index")
        return found

    return chunk_of


def restored(lookup: Lookup, chunk_of: ChunkOf) -> Lookup:
    """A lookup of the finished log with sources and passages again, as the exam's grounded arms saw them.

    Sources are a beginning of all passages one below the other: only the last that is shown can be cut. The passages
    come back without the evidence for their rank.
    """
    shown: list[Passage] = []
    for chunk in map(chunk_of, lookup.chunks):
        before = prompts.numbered([*(passage.text for passage in shown), ""])
        if len(before) >= lookup.characters:
            break
        text = chunk.text.strip()[: lookup.characters - len(before)]
        named = {key: getattr(chunk, key) for key in ("document", "source", "title", "page")}
        shown.append(Passage(chunk=chunk.id, text=text, score=0.0, **named))
    sources = prompts.numbered(passage.text for passage in shown)
    return lookup.model_copy(update={"sources": sources, "passages": tuple(shown)})


def count_tokens(speaker: Speaker, text: str) -> int:
    """Tokens of plain `text`, without what a chat template puts around it."""
    return len(speaker.encode_reply(text)) - 1


def _needed(question: Question, speaker: Speaker, evaluate: EvaluateConfig) -> int:
    """Tokens of the prompt without sources, and of the longest answer."""
    if question.form != "choice":
        return len(speaker.encode(asked.messages(question))) + evaluate.answer_tokens(question.form) + SPARE_TOKENS
    put = (
        prompts.choice(question.question, question.options)
        if evaluate.choice_scoring == "letter"
        else prompts.short(question.question)
    )
    return len(speaker.encode(put)) + longest_reply(question.options, speaker) + SPARE_TOKENS


def longest_reply(options: Sequence[str], speaker: Speaker) -> int:
    """Tokens of the longest option as an answer."""
    return max(len(speaker.encode_reply(option)) for option in options)


def _quotes(question: Question) -> tuple[str, ...]:
    return (question.quote, *(evidence.quote for evidence in question.also))


def _spaced(text: str) -> str:
    return " ".join(text.split())
