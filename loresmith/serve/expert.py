"""Open the finished expert of a project: its index, and whoever is to write the answers."""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from loresmith import artifact
from loresmith.answer.expert import Expert
from loresmith.artifact import Artifact
from loresmith.errors import ArtifactMissing
from loresmith.models.speaker import Speaker, can_fill
from loresmith.pipeline import Project, stage
from loresmith.recipe.settings import ExportSettings
from loresmith.records import Answer, Document, Passage, Question
from loresmith.retrieval.only import Only
from loresmith.retrieval.searcher import Searcher, open_index
from loresmith.retrieval.vectors import EmbedderCard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from loresmith.quiz.writing import Author

Writer = Literal["auto", "gguf", "adapter", "none"]
GGUF = "model.gguf"
RESULTS = "results.json"
EXAMS = ("recall.jsonl", "transfer.jsonl")
WARM = "What is this about?"
LONGEST_EXAMPLE = 90
"""Characters of a question that is offered as an example."""


class OpenExpert:
    """The expert of a project, open: answers, finds passages, and knows its documents. Close it, or use `with`."""

    def __init__(self, project: Project, expert: Expert, writer: str | None) -> None:
        self.project = project
        self.writer = writer
        """Who writes, in words for people; `None` where the best passages are the answer."""
        self._expert = expert
        self._left: list[Searcher] = []
        """Indexes that were replaced and may still be read from."""

    @property
    def folder(self) -> Path:
        """The project's folder, where feedback may be kept beside the artifacts."""
        return self.project.path

    def __enter__(self) -> "OpenExpert":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index and of the model."""
        self._expert.close()
        while self._left:
            self._left.pop().close()

    def renew(self) -> Callable[[], None]:
        """Answer from the index that lies in the project now; call what is given back when nobody reads the one before.

        Raises:
            ArtifactCorrupt: the index is damaged; the one before goes on.
        """
        opened = open_index(self.project.path / "index")
        opened.search(WARM, 1)  # the model that embeds and the store are loaded here, and not at somebody's question
        before = self._expert.renew(opened)
        self._left.append(before)

        def let_go() -> None:
            if before in self._left:
                self._left.remove(before)
                before.close()

        return let_go

    def ask(self, question: str, max_new_tokens: int | None = None) -> Answer:
        """The answer to `question`, with checked citations.

        Raises:
            UserError: the question is empty, or too long for the model.
        """
        return self._expert.ask(question, max_new_tokens)

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        """Pieces of the answer as they are written, then the whole answer. Raises as `ask` does."""
        return self._expert.stream(question, max_new_tokens)

    def search(self, query: str, k: int) -> Sequence[Passage]:
        """The `k` best passages, best first, with the reasons for their ranks."""
        return self._expert.search(query, k)

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` for the model that writes; without one, its words."""
        return self._expert.count_tokens(text)

    def passages(self) -> int:
        """Passages in the index."""
        return len(self._expert.index)

    def embedder_name(self) -> str:
        """Whose vectors `embed` gives; known without opening it."""
        return self._expert.index.facts.embedder

    def embedder(self) -> EmbedderCard:
        """Whose vectors `embed` gives."""
        return self._expert.index.embedder()

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Vectors of length 1, one for each text, as the index has them."""
        return self._expert.index.embed(texts)

    def count_embedded(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text for the embedder."""
        return self._expert.index.count_tokens(texts)

    def author(self) -> "Author | None":
        """Who writes quiz questions on demand: the model that answers; `None` without one, or without chunks.

        To be used where the model is used, one at a time.
        """
        speaker = self._expert.speaker
        if speaker is None or finished(self.project, "chunk") is None or not can_fill(speaker):
            return None
        from loresmith.quiz.demand import library
        from loresmith.quiz.writing import Author

        return Author(speaker, library(self.project.path))

    def documents(self) -> Iterator[Document]:
        """What was read, in the order of ingestion; nothing where `documents/` was cleared away."""
        made = finished(self.project, "ingest")
        return made.rows(Document) if made else iter(())

    def examples(self, count: int = 4) -> list[str]:
        """Short, plainly worded questions from the exams, from as many documents as there are."""
        made = finished(self.project, "split")
        piles: dict[str, set[str]] = {}
        for exam in EXAMS if made else ():
            for row in made.rows(Question, exam) if made else ():
                if _is_plain(row):
                    piles.setdefault(row.document, set()).add(row.question)
        ranked = [sorted(pile, key=lambda question: (len(question), question)) for pile in piles.values()]
        return [question for layer in zip_longest(*ranked) for question in layer if question is not None][:count]


def open_expert(project: Project, generator: Writer = "auto", only: Only | None = None) -> OpenExpert:
    """The expert of `project`; `auto` takes the exported file, else the adapter, else nobody.

    With `only`, passages come from the documents that it allows.

    Where the examination found the adapter better without retrieval, it answers from its weights, and the passages
    only support it.

    Raises:
        ArtifactMissing: the index, or the generator that was asked for, was not made yet; names the verb.
        ArtifactCorrupt: what was made is damaged.
    """
    with ExitStack() as undo:
        speaker, writer = _speaker(project, generator)
        if speaker is not None:
            undo.callback(speaker.close)
        is_grounded = reads_sources(project)
        expert = Expert.open(project.path, speaker, project.recipe.ask, is_grounded=is_grounded, only=only)
        undo.pop_all()
    return OpenExpert(project, expert, writer if is_grounded or writer is None else f"{writer} from memory")


def finished(project: Project, name: str) -> Artifact | None:
    """The artifact of the stage `name`, if it was made.

    Raises:
        ArtifactCorrupt: it is damaged.
    """
    try:
        return artifact.read(project.path / stage(name).folder, made_by=name)
    except ArtifactMissing:
        return None


def _speaker(project: Project, generator: Writer) -> tuple[Speaker | None, str | None]:
    """Who writes, and what people call it."""
    if generator == "none":
        return None, None
    if generator in ("auto", "gguf"):
        exported = finished(project, "export") if generator == "auto" else _made(project, "export")
        if exported is not None:
            settings = ExportSettings.model_validate(exported.manifest.settings)
            return _gguf(exported / GGUF), f"{settings.export.quantization} GGUF"
    adapter = finished(project, "train") if generator == "auto" else _made(project, "train")
    if adapter is None:
        return None, None
    speaker = _adapted(project, adapter)
    return speaker, f"{speaker.name} with adapter"


def reads_sources(project: Project) -> bool:
    """Whether sources go into the prompt: yes, unless an examination chose the adapter alone."""
    exam = finished(project, "evaluate")
    if exam is None:
        return True
    verdict = json.loads((exam / RESULTS).read_text(encoding="utf-8"))["verdict"]
    return bool(verdict["decision"] != "lora")


def _made(project: Project, name: str) -> Artifact:
    return artifact.read(project.path / stage(name).folder, made_by=name)


def _gguf(path: Path) -> Speaker:
    from loresmith.models.gguf import GgufModel

    return GgufModel(path)


def _adapted(project: Project, adapter: Artifact) -> Speaker:
    from loresmith.models.language import open_model
    from loresmith.models.locate import find

    model = project.recipe.model
    return open_model(find(model.base, model.revision), model.dtype, adapter.path)


def _is_plain(question: Question) -> bool:
    """Whether somebody could have asked it so: a short question without a gap to fill."""
    text = question.question
    return question.form == "short" and text.endswith("?") and "__" not in text and len(text) <= LONGEST_EXAMPLE
