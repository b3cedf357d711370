"""A small collection of its own, indexed once for all tests of this folder."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith import artifact, index
from loresmith.artifact import Plan
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, IndexConfig
from loresmith.records import Chunk
from loresmith.retrieval.minilm import MiniLmEmbedder
from loresmith.retrieval.searcher import Searcher, open_index

TEXTS = {
    "valves.md": [
        "The relief valve of the boiler opens at 4 bar. It closes again when the pressure has fallen to 3.2 bar.",
        "Descale the heat exchanger once a year with a solution of citric acid.",
        "Error code E-117 means that the flame sensor sees no light.",
        "The circulation pump draws 45 watts at full speed and is lubricated by the water itself.",
    ],
    "bees.md": [
        "A queen bee lays up to 2,000 eggs a day in early summer.",
        "Worker bees tell each other where nectar is by the waggle dance, whose angle gives the direction.",
        "The Varroa mite is a parasite that weakens colonies; oxalic acid is used against it in winter.",
        "Honey is ripe when it holds less than 18 percent water.",
    ],
    "planets.md": [
        "Mars has two small moons, Phobos and Deimos, which were found by Asaph Hall in 1877.",
        "A day on Venus lasts longer than its year: 243 Earth days against 225.",
        "The Great Red Spot is a storm on Jupiter that is wider than the Earth.",
        "| Planet | Radius (km) | Moons |\n| --- | --- | --- |\n| Mars | 3,390 | 2 |\n| Venus | 6,052 | 0 |",
    ],
    "bread.md": [
        "Sourdough rises by wild yeast and lactic bacteria that live in flour and water.",
        "Steam in the first ten minutes keeps the crust soft, so that the loaf can expand.",
        "A dough of 70 percent hydration holds 700 g of water for 1 kg of flour.",
        "Kneading lines up the gluten; resting the dough for an hour does much of the same work.",
    ],
}


def chunk_of(source: str, text: str, *, page: int | None = None) -> Chunk:
    identity = hashlib.sha256(f"{source} {text}".encode()).hexdigest()[:16]
    title = source.removesuffix(".md").title()
    kind = "table" if text.startswith("|") else "prose"
    return Chunk.model_validate(
        {
            "id": identity,
            "document": source,
            "source": source,
            "title": title,
            "headings": (),
            "page": page,
            "start": 0,
            "end": len(text),
            "kind": kind,
            "text": text,
        }
    )


@pytest.fixture(scope="session")
def chunks() -> list[Chunk]:
    return [chunk_of(source, text, page=page) for source in TEXTS for page, text in enumerate(TEXTS[source], 1)]


@pytest.fixture(scope="session")
def index_folder(chunks: list[Chunk], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    with artifact.create(folder / "chunks", Plan("chunk", ChunkConfig())) as draft:
        for chunk in chunks:
            draft.keep(chunk)
    made = artifact.read(folder / "chunks", made_by="chunk")
    evenly = IndexConfig(dense_weight=0.5)  # both halves must be seen at work
    return finish(index.run(Plan("index", evenly, {"chunk": made}), folder / "index")).path


@pytest.fixture(scope="session")
def searcher(index_folder: Path) -> Iterator[Searcher]:
    with open_index(index_folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def minilm() -> MiniLmEmbedder:
    return MiniLmEmbedder(engine="torch")
