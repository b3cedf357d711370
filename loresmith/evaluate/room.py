"""The model and the index of one examination, each opened when it is first needed, and then once only."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from loresmith.artifact import Plan
from loresmith.evaluate.grounding import Lookup, Search, chunks_of, restored
from loresmith.evaluate.held_text import Text
from loresmith.models import locate
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.weights import quiet
from loresmith.recipe.settings import EvaluateSettings
from loresmith.retrieval.chunk_table import FILE, ChunkTable
from loresmith.retrieval.searcher import Searcher, open_index

EVERYTHING = "default"
"""What PEFT calls the adapter that it was opened with."""


class Room:
    """Closes what was opened when the block ends."""

    def __init__(self, plan: Plan, settings: EvaluateSettings) -> None:
        self.settings, self.stage = settings, plan.stage
        self._plan = plan
        self._open = ExitStack()
        self._speaker: LanguageModel | None = None
        self._searcher: Searcher | None = None

    def __enter__(self) -> "Room":
        return self

    def __exit__(self, *fault: object) -> None:
        self._open.close()

    @property
    def speaker(self) -> LanguageModel:
        """The base model with the adapter on it."""
        if self._speaker is None:
            model = self.settings.model
            source = locate.find(model.base, model.revision)
            self._speaker = open_model(source, model.dtype, self._plan.parents["train"].path)
            self._open.callback(self._speaker.close)
        return self._speaker

    @property
    def search(self) -> Search:
        """Looks passages up in the index."""
        return self.searcher.search

    @property
    def searcher(self) -> Searcher:
        """The open index."""
        if self._searcher is None:
            self._searcher = self._open.enter_context(open_index(self._plan.parents["index"].path))
        return self._searcher

    def restored(self, lookups: Iterable[Lookup]) -> list[Lookup]:
        """Lookups of a finished log with their sources and passages again."""
        chunk_of = chunks_of(self._plan.parents["index"].path, self.searcher)
        return [restored(lookup, chunk_of) for lookup in lookups]

    def texts(self, wanted: Sequence[tuple[str, str]]) -> list[Text]:
        """The words of chunks of the index, given as (chunk, document); none where arms without sources sit alone."""
        path = self._plan.parents["index"].path / FILE
        if not path.is_file():
            return []
        with closing(ChunkTable(path)) as table:
            found = [(table.by_id(chunk), document) for chunk, document in wanted]
        return [Text(chunk=chunk.id, document=document, text=chunk.text) for chunk, document in found if chunk]

    @contextmanager
    def specialist(self, name: str) -> Iterator[None]:
        """The adapter of a single domain instead of the one that learned everything."""
        model = self.speaker.model
        if name not in model.peft_config:
            with quiet():
                model.load_adapter(str(self._plan.parents["train"] / name), adapter_name=name)
        model.set_adapter(name)
        try:
            yield
        finally:
            model.set_adapter(EVERYTHING)

    @contextmanager
    def arm(self, adapted: bool) -> Iterator[None]:
        """The adapter on or off inside the block."""
        if adapted:
            yield
            return
        with self.speaker.without_adapter():
            yield
