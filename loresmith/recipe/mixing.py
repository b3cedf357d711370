"""What a recipe trains beside its own questions: rows of others, general replay, adapters for single domains.

In a flag the three are words: `PATH=WEIGHT`, `PATH=SHARE` and `NAME=PATTERN`.
"""

import re
from pathlib import PurePath
from typing import Any, Self

from pydantic import Field, model_validator

from loresmith.recipe.sections import Section

OWN, REPLAY = "own questions", "replay"
"""What the report calls these parts of a mixture."""
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
FOLDER_NAME = r"^[a-z0-9][a-z0-9_-]*$"
TAKEN = ("checkpoints", "default")
"""Folders beside those of the adapters, and PEFT's name for the one that has none."""


class RowSource(Section):
    """Rows that are no questions of the project."""

    source: str = Field(min_length=1)
    """A file or folder in any format that `loresmith dataset` reads, or a set that `loresmith dataset prepare` left; in
    a recipe, paths start at its folder."""
    format: str | None = None
    """Name of the format, such as `alpaca`; by default found out from the columns."""
    license: str | None = None
    """As the Hub spells it; by default what its rows or its card say."""


class MixSource(RowSource):
    """Rows with a weight in the mixture."""

    name: str = Field(pattern=NAME)
    """What report and adapters call it; by default the last part of the path."""
    weight: float = Field(default=1.0, gt=0)
    """Examples of each epoch, relative to the other weights and to `train.own_weight`."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        pair = _pair(given, "source", "weight")
        if isinstance(pair, dict) and not pair.get("name") and isinstance(pair.get("source"), str):
            stem = PurePath(pair["source"]).stem
            return pair | {"name": re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-._")}
        return pair


class ReplayConfig(RowSource):
    """General rows, trained again so that they are not forgotten."""

    share: float = Field(default=0.1, gt=0, lt=1)
    """Of the examples of each epoch, by number."""

    @model_validator(mode="before")
    @classmethod
    def _read_flag(cls, given: Any) -> Any:
        return _pair(given, "source", "share")

    @property
    def name(self) -> str:
        """What the report calls it."""
        return REPLAY


class AdapterConfig(Section):
    """An adapter for one domain or task, trained beside the one that learns everything."""

    name: str = Field(pattern=FOLDER_NAME)
    """Of its folder below `adapter/`, and of the adapter where PEFT loads several."""
    documents: tuple[str, ...] = ()
    """Glob patterns of the documents whose questions it learns, such as `biology/*`."""
    sources: tuple[str, ...] = ()
    """Names in `train.mix` that it learns, by their weights there."""

    @model_validator(mode="before")
    @classmethod
    def _read_flag(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        name, _, pattern = given.partition("=")
        return {"name": name, "documents": (pattern,) if pattern else ()}

    @model_validator(mode="after")
    def _require_lessons(self) -> Self:
        if not self.documents and not self.sources:
            raise ValueError(f"adapter {self.name} learns nothing: give it documents or sources")
        if self.name in TAKEN:
            raise ValueError(f"no adapter can be called {self.name}")
        return self


def require_named(mix: tuple[MixSource, ...], adapters: tuple[AdapterConfig, ...]) -> None:
    """Nothing, when every source and adapter has a name of its own and each source of an adapter is there.

    Raises:
        ValueError: names the first that has not, or is not.
    """
    for what, names in (("mix", [source.name for source in mix]), ("adapters", [one.name for one in adapters])):
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{what}: two are called {twice}; give one of them another name")
    if REPLAY in {source.name for source in mix}:
        raise ValueError(f"mix: {REPLAY} is what train.replay is called; give the source another name")
    known = [source.name for source in mix]
    for adapter in adapters:
        if unknown := [name for name in adapter.sources if name not in known]:
            there = ", ".join(known) or "none"
            raise ValueError(f"adapters: {adapter.name} names the source {unknown[0]}; train.mix has {there}")


def _pair(given: Any, first: str, second: str) -> Any:
    """`FIRST=NUMBER`, as a flag gives it; a path may hold `=` itself."""
    if not isinstance(given, str):
        return given
    before, found, number = given.rpartition("=")
    try:
        return {first: before, second: float(number)} if found else {first: given}
    except ValueError:
        return {first: given}
