"""Several experts on one base: the file that lists them, and how questions are routed between them."""

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from loresmith.errors import RecipeError
from loresmith.recipe.document import parse, yaml_in
from loresmith.recipe.mixing import FOLDER_NAME
from loresmith.recipe.sections import Section, ServeConfig

AUTO, BASE = "auto", "base"
TAKEN = (AUTO, BASE, "loresmith", "minilm")
"""Names that a request uses for the router, the bare model, any model at all, and the one that embeds."""


class RosterEntry(Section):
    """One expert: a project with an index, and the adapter that answers from it."""

    name: str = Field(pattern=FOLDER_NAME, max_length=64)
    """What a request calls it as `model`."""
    project: str
    """Folder of a project, made up to its index; its training questions teach the router. Relative paths start at the
    file's own folder."""
    adapter: str | None = None
    """Folder of a PEFT adapter for the common base, or with `base` a GGUF file of one; by default what was trained, or
    with `base` exported (`export.also: adapter`), in the project."""
    description: str = ""
    """A sentence for people."""
    keywords: tuple[str, ...] = ()
    """Words that send a question to this expert whatever the classifier says, unless another's stand in it too."""

    @field_validator("keywords")
    @classmethod
    def _require_words(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if empty := [word for word in given if not any(letter.isalnum() for letter in word)]:
            raise ValueError(f"{empty[0]!r} has no letter or digit")
        return given


class RouterConfig(Section):
    """How the router learns, and when it abstains to the base model."""

    abstention: float = Field(default=0.1, ge=0.0, le=0.9)
    """Share of the experts' own held-out questions that it may leave to the base, as too far or too unsure."""
    error: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Instead: most wrong choices among the held-out questions that it sends to an expert."""
    far: float = Field(default=0.05, ge=0.0, le=0.9)
    """Share of those questions that may count as far from all that it learned. More of it keeps more questions out that
    are for nobody; it is a part of `abstention`."""
    calibration: float = Field(default=0.25, gt=0.0, lt=0.9)
    """Share of the documents (of the sections, where an expert has few documents) whose questions calibrate."""
    most_questions: int = Field(default=2000, ge=20)
    """Most questions of one expert, one wording of a fact before a second."""
    embedder: str = "minilm"
    """Name of the embedder plug-in."""
    seed: int = 17

    @model_validator(mode="after")
    def _require_room(self, info: ValidationInfo) -> Self:
        if self.error is None and self.far > self.abstention:
            raise ValueError("far is a part of abstention and cannot be more")
        return self


class Roster(Section):
    """Experts that share one base model, and the router between them."""

    name: str = Field(default="experts", pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """Lower case."""
    base: str | None = None
    """GGUF file of the common base, which then runs in llama.cpp, with adapters in GGUF; by default the model of the
    projects' recipes runs in transformers, with adapters of PEFT."""
    experts: tuple[RosterEntry, ...] = Field(min_length=1)
    router: RouterConfig = RouterConfig()
    serve: ServeConfig = ServeConfig()

    @property
    def keywords(self) -> dict[str, tuple[str, ...]]:
        """The words by which each expert, by its name, is chosen outright."""
        return {one.name: one.keywords for one in self.experts}

    @field_validator("experts")
    @classmethod
    def _require_names(cls, given: tuple[RosterEntry, ...]) -> tuple[RosterEntry, ...]:
        names = [one.name for one in given]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is named twice")
        if taken := sorted(set(names) & set(TAKEN)):
            raise ValueError(f"{', '.join(taken)} is a name of its own; none of {', '.join(TAKEN)} can be an expert's")
        return given


def load_roster(path: Path) -> Roster:
    """The experts in the YAML file `path`, their folders seen from where the file lies.

    Raises:
        RecipeError: the file is missing, is no YAML mapping, or has wrong keys or values; all faults are named.
    """
    if not path.is_file():
        raise RecipeError(f"There is no file {path}.", next_step="List the experts in it: docs/how-to/experts.md.")
    given = yaml_in(path)
    if not isinstance(given, dict):
        raise RecipeError(f"{path} holds no keys and values.", next_step="See docs/how-to/experts.md.")
    return _placed(parse(Roster, given, where=str(path)), path.parent)


def is_roster(path: Path) -> bool:
    """Whether `path` is a YAML file that lists experts by their projects, and so no recipe."""
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        return False
    try:
        given = yaml_in(path)
    except RecipeError:
        return False
    experts = given.get("experts") if isinstance(given, dict) else None
    return isinstance(experts, list) and any(isinstance(one, dict) and "project" in one for one in experts)


def _placed(roster: Roster, folder: Path) -> Roster:
    experts = tuple(
        one.model_copy(
            update={"project": _from(folder, one.project), "adapter": one.adapter and _from(folder, one.adapter)}
        )
        for one in roster.experts
    )
    return roster.model_copy(update={"experts": experts, "base": roster.base and _from(folder, roster.base)})


def _from(folder: Path, entry: str) -> str:
    path = Path(entry).expanduser()
    return str((path if path.is_absolute() else folder / path).resolve())
