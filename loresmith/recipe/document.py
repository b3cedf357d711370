"""A whole recipe, read from YAML with every fault named at once and the nearest valid key offered."""

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import Field, ValidationError

from loresmith.errors import NotBuiltYet, RecipeError
from loresmith.recipe.export import ExportConfig
from loresmith.recipe.gate import GateConfig
from loresmith.recipe.later import DatasetConfig, ExpertConfig
from loresmith.recipe.sections import (
    AskConfig,
    AskedBenchmark,
    ChunkConfig,
    EvaluateConfig,
    GenerateConfig,
    IndexConfig,
    IngestConfig,
    ModelConfig,
    ReportConfig,
    Section,
    ServeConfig,
    SplitConfig,
)
from loresmith.recipe.training import TrainConfig
from loresmith.recipe.watch import WatchConfig

AnySection = TypeVar("AnySection", bound=Section)

PRIVATE = ("base_url", "key_variable", "alerts")
"""Keys into which a password is written by mistake; their wrong values are not repeated in an error."""


class Recipe(Section):
    """One way of turning documents into an examined expert."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """Lower case; names the project folder."""
    about: str = ""
    """One or two sentences for people."""
    documents: tuple[str, ...] = ()
    """Files and folders to read; relative paths start at the recipe's own folder."""
    model: ModelConfig = ModelConfig()
    ingest: IngestConfig = IngestConfig()
    chunk: ChunkConfig = ChunkConfig()
    generate: GenerateConfig = GenerateConfig()
    split: SplitConfig = SplitConfig()
    index: IndexConfig = IndexConfig()
    train: TrainConfig = TrainConfig()
    evaluate: EvaluateConfig = EvaluateConfig()
    ask: AskConfig = AskConfig()
    export: ExportConfig = ExportConfig()
    report: ReportConfig = ReportConfig()
    serve: ServeConfig = ServeConfig()
    gate: GateConfig = GateConfig()
    datasets: tuple[DatasetConfig, ...] = ()
    """Ready datasets to train on."""
    experts: tuple[ExpertConfig, ...] = ()
    """Several domains, each with an adapter."""
    watch: WatchConfig | None = None

    def unbuilt(self) -> list[str]:
        """What this recipe asks for and this version cannot do, as `key: value` lines."""
        asked: dict[str, list[Any]] = {
            "datasets": [entry.hub_id for entry in self.datasets],
            "experts": [entry.name for entry in self.experts],
        }
        return [f"{key}: {', '.join(map(str, values))}" for key, values in asked.items() if values]

    def require_built(self) -> None:
        """Raise `NotBuiltYet` when this version would have to ignore a part of the recipe."""
        if missing := self.unbuilt():
            raise NotBuiltYet(
                f"Recipe {self.name!r} asks for what this version cannot do yet: {'; '.join(missing)}.",
                next_step="Remove these keys, or add --rehearse: it goes without them and says so.",
            )


def load(path: Path) -> Recipe:
    """The recipe in the YAML file `path`.

    Raises:
        RecipeError: the file is missing, is no YAML mapping, or has wrong keys or values; all faults are named.
    """
    if not path.is_file():
        raise RecipeError(f"There is no recipe at {path}.", next_step="Write one with `loresmith init`.")
    given = yaml_in(path)
    if not isinstance(given, dict):
        raise RecipeError(
            f"{path} holds {type(given).__name__}, not keys and values.",
            next_step="See docs/reference/recipe.md for the keys, or write one with `loresmith init`.",
        )
    recipe = parse(Recipe, given, where=str(path))
    return with_paths(recipe, lambda entry: _from(path.parent, entry))


def yaml_in(path: Path) -> Any:
    """What the YAML file `path` holds.

    Raises:
        RecipeError: it is no YAML.
    """
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise RecipeError(f"{path} is no YAML file: {fault}", next_step="Mend the line that is named.") from fault


def with_paths(recipe: Recipe, change: Callable[[str], str]) -> Recipe:
    """`recipe` with every path of files to read (documents, benchmarks, rows to train) as `change` gives it."""
    against = tuple(change(entry) for entry in recipe.split.decontaminate_against)
    changed = {
        "documents": tuple(change(entry) for entry in recipe.documents),
        "split": recipe.split.model_copy(update={"decontaminate_against": against}),
        "evaluate": recipe.evaluate.model_copy(update={"benchmarks": _asked(recipe, change)}),
        "train": recipe.train.model_copy(update=_sources(recipe.train, change)),
    }
    return recipe.model_copy(update=changed)


def _asked(recipe: Recipe, change: Callable[[str], str]) -> tuple[AskedBenchmark, ...]:
    """The benchmarks that are asked, with other paths."""
    return tuple(
        one.model_copy(update={"data": tuple(change(path) for path in one.data)}) for one in recipe.evaluate.benchmarks
    )


def _sources(train: TrainConfig, change: Callable[[str], str]) -> dict[str, Any]:
    """The keys of `train` that name rows, with other paths."""
    mix = tuple(one.model_copy(update={"source": change(one.source)}) for one in train.mix)
    replay = train.replay and train.replay.model_copy(update={"source": change(train.replay.source)})
    return {"mix": mix, "replay": replay}


def parse(section: type[AnySection], given: Mapping[str, Any], *, where: str = "the command line") -> AnySection:
    """`given` as a `section`; `where` says where it came from.

    Raises:
        RecipeError: names every wrong key with its nearest valid one, and every wrong value.
    """
    try:
        return section.model_validate(given)
    except ValidationError as fault:
        lines = [_explain(section, error) for error in fault.errors()]
        raise RecipeError(
            f"{where} has {len(lines)} fault{'s' * (len(lines) > 1)}:\n" + "\n".join(f"  {line}" for line in lines),
            next_step="Mend these; docs/reference/recipe.md lists every key with its default.",
        ) from fault


def _from(folder: Path, entry: str) -> str:
    """A relative document path as seen from the recipe's own folder, so that the current folder does not matter."""
    path = Path(entry).expanduser()
    return str(path if path.is_absolute() else folder / path)


def _explain(section: type[Section], error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        is_private = isinstance(error["input"], dict) or any(part in PRIVATE for part in error["loc"])
        return f"{place}: {error['msg']}" + ("" if is_private else f" (got {error['input']!r})")
    *parents, key = [str(part) for part in error["loc"]]
    known = list(_section_at(section, parents).model_fields)
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"{place}: no such key; " + (f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}")


def _section_at(section: type[Section], parents: list[str]) -> type[Section]:
    """The class that `parents`, a path of keys from `section`, leads to."""
    for key in parents:
        field = section.model_fields.get(key)
        inner = _section_in(field.annotation) if field else None
        section = inner or section
    return section


def _section_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    for part in get_args(annotation):
        if (inner := _section_in(part)) is not None:
            return inner
    return None
