"""A watched project of the smallest real parts: a tiny model, two documents of a few facts, a registry."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loresmith.pipeline import Project
from loresmith.recipe import AlertConfig, Recipe
from loresmith.registry import Registry
from loresmith.watch.notices import mailbox
from loresmith.watch.places import Places
from loresmith.watch.round import Bench

PARTS = ("RV-7", "CV-2", "GV-1", "BV-4", "NV-9")


class Clock:
    """Shows what it is set to; a second passes with each look."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 9, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def document(name: str, offset: int) -> str:
    """A table of five parts; another offset has other values."""
    rows = [
        f"| {part}{name[0]} | {offset + 3 * place} | {100 * (offset + place)} |" for place, part in enumerate(PARTS)
    ]
    return (
        f"# {name.capitalize()} of the plant\n\n| Part | Load | Weight |\n| --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def write(home: Path, **texts: int | None) -> None:
    """Documents of `home` by name, with the offset of their values; `None` takes one away."""
    (home / "documents").mkdir(exist_ok=True)
    for name, offset in texts.items():
        path = home / "documents" / f"{name}.md"
        if offset is None:
            path.unlink()
        else:
            path.write_text(document(name, offset), encoding="utf-8")


def recipe(home: Path, model: Path, **watch: Any) -> Recipe:
    """Closed-book recall in the arm that ships, one epoch of training."""
    return Recipe.model_validate(
        {
            "name": "plant",
            "documents": [str(home / "documents")],
            "model": {"base": str(model), "dtype": "float32"},
            "generate": {"wordings": 2, "unanswerable": 0, "true_false": 0},
            "split": {"held_out": 0, "validation": 0},
            "train": {"num_train_epochs": 1, "r": 2, "forms": ["short"], "open_book": 0, "max_length": 512},
            "evaluate": {"arms": ["base", "lora"], "text_passages": 0, "max_new_tokens": 2, "bootstrap_samples": 1000},
            "gate": {"arm": "lora"},
            "watch": {"settle_seconds": 0, **watch},
        }
    )


def bench(home: Path, asked: Recipe, book: Registry, clock: Clock | None = None) -> Bench:
    """The bench of the project in `home`."""
    clock = clock or Clock()
    project = Project(home / "project", asked)
    project.save()
    config = asked.watch
    assert config is not None
    return Bench(project, book, mailbox(config, Places(project.path), clock.now), clock.now)


def hook(url: str) -> AlertConfig:
    """Alerts to the web server at `url`."""
    return AlertConfig(url=url)
