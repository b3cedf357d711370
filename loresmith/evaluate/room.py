"""The model and the index of one examination, each opened when it is first needed, and then once only."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from loresmith.artifact import Plan
from loresmith.errors import ArtifactCorrupt
from loresmith.evaluate.grounding import Search
from loresmith.models import locate
from loresmith.models.language import LanguageModel, open_model
from loresmith.recipe.settings import EvaluateSettings
from loresmith.retrieval.searcher import Searcher, open_index


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

    def text_of(self, chunk: str) -> str:
        """The text of a chunk of the index."""
        found = self.searcher.get(chunk)
        if found is None:
            raise ArtifactCorrupt(self._plan.parents["index"].path, f"it does not hold chunk {chunk}", made_by="index")
        return found.text

    @contextmanager
    def arm(self, adapted: bool) -> Iterator[None]:
        """The adapter on or off inside the block."""
        if adapted:
            yield
            return
        with self.speaker.without_adapter():
            yield
