"""Two experts on one tiny model, with real indexes, random adapters and a trained router."""

from pathlib import Path

from loresmith import artifact, index
from loresmith.artifact import Plan
from loresmith.pipeline import Project
from loresmith.progress import finish
from loresmith.recipe import AskConfig, ChunkConfig, IndexConfig, ModelConfig, Recipe
from loresmith.recipe.experts import load_roster
from loresmith.records import Chunk
from loresmith.router import training
from tests.models.adapters import random_adapter
from tests.router.roster import SUBJECTS, write_roster

SAID = {"kitchen": "The {} stays in the oven for an hour.", "harbour": "The water under the {} is nine metres deep."}


def chunk(name: str, subject: str) -> Chunk:
    text = SAID[name].format(subject)
    return Chunk(
        id=f"{name}-{subject}", document=f"{name}-{subject}", source=f"{name}/{subject}.md", title=subject, headings=(),
        page=None, start=0, end=len(text), kind="prose", text=text,
    )  # fmt: skip


def build_town(folder: Path, base: Path) -> Path:
    """The file of the two experts on the model in `base`, all that they need beside it."""
    path = write_roster(folder)
    finish(training.run(training.teaching(load_roster(path), folder)))
    for seed, name in enumerate(SUBJECTS, 1):
        project = folder / name
        recipe = Recipe(name=name, model=ModelConfig(base=str(base)), ask=AskConfig(max_new_tokens=12))
        Project(project, recipe).save()
        with artifact.create(project / "chunks", Plan("chunk", ChunkConfig())) as draft:
            for subject in SUBJECTS[name][0][:5]:
                draft.keep(chunk(name, subject))
        chunks = artifact.read(project / "chunks", made_by="chunk")
        finish(index.run(Plan("index", IndexConfig(), {"chunk": chunks}), project / "index"))
        random_adapter(base, folder / "adapters" / name, seed)
    text = path.read_text(encoding="utf-8")
    for name in SUBJECTS:
        text = text.replace(f"project: {name},", f"project: {name}, adapter: adapters/{name}, description: The {name},")
    path.write_text(text, encoding="utf-8")
    return path
