"""The expert: a question in, an answer with checked citations out."""

from collections.abc import Generator, Sequence
from pathlib import Path
from types import TracebackType

from loresmith.answer.excerpts import from_passages
from loresmith.answer.relevance import relevant
from loresmith.errors import UserError
from loresmith.likeness import normalised
from loresmith.models import prompts
from loresmith.models.speaker import Speaker
from loresmith.recipe import AskConfig
from loresmith.records import Answer, Passage
from loresmith.retrieval import ground
from loresmith.retrieval.cite import citations
from loresmith.retrieval.only import Only
from loresmith.retrieval.searcher import Searcher, open_index

SPARE_TOKENS = 16
"""What the words around sources and question take in a prompt."""
LEAST_SOURCE_TOKENS = 32
"""Room for sources below which a question is refused as too long for the model."""


class Expert:
    """Answers from an index, through `speaker` where there is one. Searching is thread-safe; the speaker may not be.

    A speaker that is not `is_grounded` answers from its weights; what supports it is still looked up and cited.
    """

    def __init__(
        self,
        searcher: Searcher,
        speaker: Speaker | None = None,
        settings: AskConfig | None = None,
        *,
        is_grounded: bool = True,
        only: Only | None = None,
    ) -> None:
        self._searcher = searcher
        self._speaker = speaker
        self._settings = settings or AskConfig()
        self._is_grounded = is_grounded
        self._only = only

    @classmethod
    def open(
        cls,
        project: Path,
        speaker: Speaker | None = None,
        settings: AskConfig | None = None,
        *,
        is_grounded: bool = True,
        only: Only | None = None,
    ) -> "Expert":
        """The expert over the index of the project folder `project`, or over the documents that `only` allows.

        Raises:
            ArtifactMissing: `loresmith index` has not finished there.
        """
        return cls(open_index(project / "index"), speaker, settings, is_grounded=is_grounded, only=only)

    def __enter__(self) -> "Expert":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index and of the model."""
        self._searcher.close()
        if self._speaker is not None:
            self._speaker.close()

    def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` passages that fit best, best first."""
        return self._searcher.search(query, k, self._only)

    @property
    def index(self) -> Searcher:
        """The open index; it is closed with the expert."""
        return self._searcher

    def renew(self, searcher: Searcher) -> Searcher:
        """Answer from `searcher` from now on; the index before it, which may still be read from, is given back."""
        before, self._searcher = self._searcher, searcher
        return before

    @property
    def speaker(self) -> Speaker | None:
        """Who writes; closed with the expert, and for one thread at a time."""
        return self._speaker

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` for the model, without what a chat template adds; without a model, its words."""
        return len(text.split()) if self._speaker is None else _tokens(self._speaker, text)

    def ask(self, question: str, max_new_tokens: int | None = None) -> Answer:
        """The answer to `question`. Nothing relevant found, or the model saying so, gives `refused`.

        Raises:
            UserError: the question is empty, or too long for the model.
        """
        found, fitting = self._search(question)
        if self._speaker is None or not fitting:
            return self._without_model(question, fitting)
        limit = self._limit(max_new_tokens)
        prompt, used = self._prompt(question, found, limit)
        return self._bound(question, self._speaker.complete([prompt], limit)[0].text, used)

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer as they are written, then the whole answer; the same as `ask` gives. Raises as it does.

        Closing the generator early stops the model.
        """
        found, fitting = self._search(question)
        if self._speaker is None or not fitting:
            whole = self._without_model(question, fitting)
            yield whole.text
            yield whole
            return
        limit = self._limit(max_new_tokens)
        prompt, used = self._prompt(question, found, limit)
        written = ""
        for piece in self._speaker.stream(prompt, limit):
            shown = piece if written else piece.lstrip()  # an answer may begin with the space that words carry
            written += shown
            if shown:
                yield shown
        yield self._bound(question, written, used)

    def _search(self, question: str) -> tuple[list[Passage], list[Passage]]:
        """All passages found, which a model gets as in the examination, and those that clearly fit."""
        if not question.strip():
            raise UserError("The question is empty.", next_step="Ask something in words.")
        hits = self._searcher.hits(question, self._settings.passages, self._only)
        return [hit.passage for hit in hits], [hit.passage for hit in relevant(question, hits)]

    def _limit(self, max_new_tokens: int | None) -> int:
        return min(max_new_tokens or self._settings.max_new_tokens, self._settings.max_new_tokens)

    def _prompt(self, question: str, found: Sequence[Passage], limit: int) -> tuple[list[int], tuple[Passage, ...]]:
        """The prompt's ids and the passages in it: as many source tokens as the settings and the window allow."""
        assert self._speaker is not None
        speaker = self._speaker
        bare = len(speaker.encode(prompts.short(question))) + SPARE_TOKENS
        room = min(self._settings.source_tokens, speaker.window - limit - bare)
        if room < LEAST_SOURCE_TOKENS:
            raise UserError(
                f"The question takes {bare} tokens; the model reads {speaker.window}, sources and answer included.",
                next_step="Ask a shorter question, or lower ask.max_new_tokens.",
            )
        if not self._is_grounded:
            return speaker.encode(prompts.short(question)), tuple(found)
        text, used = ground.sources(found, lambda words: _tokens(speaker, words), room)
        return speaker.encode(prompts.short(question, text)), used

    def _bound(self, question: str, written: str, used: tuple[Passage, ...]) -> Answer:
        assert self._speaker is not None
        text = written.strip()
        if not text:
            return self._without_model(question, list(used))
        is_refusal = normalised(text).startswith(normalised(prompts.REFUSAL))
        return Answer(
            question=question,
            text=text,
            citations=() if is_refusal else citations(text, used, question),
            passages=used,
            generator=self._speaker.name,
            refused=is_refusal,
        )

    def _without_model(self, question: str, found: Sequence[Passage]) -> Answer:
        """What the passages say themselves; a refusal where none fits, whoever was to speak."""
        if not found:
            name = self._speaker.name if self._speaker else None
            return Answer(
                question=question, text=prompts.REFUSAL, citations=(), passages=(), generator=name, refused=True
            )
        text, cited, used = from_passages(question, found, self._searcher.likeness)
        return Answer(question=question, text=text, citations=cited, passages=used, generator=None)


def _tokens(speaker: Speaker, text: str) -> int:
    return len(speaker.encode_reply(text)) - 1  # the token that ends the turn
