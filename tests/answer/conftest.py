"""A small index, and a speaker that says what a test tells it to."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from loresmith import artifact, index
from loresmith.artifact import Plan
from loresmith.models.prompts import Message
from loresmith.models.speaker import Completion
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, IndexConfig
from loresmith.records import Chunk
from loresmith.retrieval.searcher import Searcher, open_index

TEXTS = {
    "valves.md": "## Safety\n\nThe relief valve of the boiler opens at 4 bar. It closes again at 3.2 bar.",
    "pump.md": "The circulation pump draws 45 watts at full speed. Water lubricates its bearings.",
    "bees.md": "A queen bee lays up to 2,000 eggs a day in early summer. Workers dance to show where nectar is.",
    "planets.md": "| Planet | Radius (km) | Moons |\n| --- | --- | --- |\n| Mars | 3,390 | 2 |\n| Venus | 6,052 | 0 |",
}


class Scripted:
    """Says one line to every prompt and keeps the prompts. A token is a word."""

    name = "scripted"

    def __init__(self, line: str, window: int = 1000) -> None:
        self.line, self.window = line, window
        self.prompts: list[str] = []
        self.asked_for: list[int] = []
        self.given_up = False
        self._words: list[str] = []

    def encode(self, messages: Sequence[Message]) -> list[int]:
        return self._ids(" ".join(message["content"] for message in messages))

    def encode_reply(self, text: str) -> list[int]:
        return self._ids(f"{text} <end>")

    def decode(self, ids: Sequence[int]) -> str:
        return " ".join(self._words[number] for number in ids)

    def complete(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[Completion]:
        return [Completion((), "".join(self.stream(prompt, max_new_tokens)), True) for prompt in prompts]

    def loglikelihood(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        raise NotImplementedError

    def stream(self, prompt: Sequence[int], max_new_tokens: int) -> Iterator[str]:
        self.prompts.append(self.decode(prompt))
        self.asked_for.append(max_new_tokens)
        try:
            for word in self.line.split(" "):
                yield f"{word} "
        except GeneratorExit:
            self.given_up = True
            raise

    def without_adapter(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        self.given_up = True

    def _ids(self, text: str) -> list[int]:
        start = len(self._words)
        self._words.extend(text.split())
        return list(range(start, len(self._words)))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    with artifact.create(folder / "chunks", Plan("chunk", ChunkConfig())) as draft:
        for page, (source, text) in enumerate(TEXTS.items(), 1):
            draft.keep(
                Chunk(
                    id=source,
                    document=f"id-{source}",
                    source=source,
                    title=source.split(".")[0],
                    headings=(),
                    page=page,
                    start=0,
                    end=len(text),
                    kind="prose",
                    text=text,
                )
            )
    made = artifact.read(folder / "chunks", made_by="chunk")
    finish(index.run(Plan("index", IndexConfig(), {"chunk": made}), folder / "index"))
    return folder


@pytest.fixture(scope="session")
def searcher(project: Path) -> Iterator[Searcher]:
    with open_index(project / "index") as opened:
        yield opened


@pytest.fixture(scope="session")
def speaking() -> type[Scripted]:
    return Scripted
