"""What each stage depends on, and nothing more: a change elsewhere in the recipe leaves its artifact fresh."""

from loresmith.recipe.document import Recipe
from loresmith.recipe.export import ExportConfig
from loresmith.recipe.gate import GateConfig
from loresmith.recipe.sections import AskConfig, AskedBenchmark, EvaluateConfig, ModelConfig, Section
from loresmith.recipe.training import TrainConfig


class TrainSettings(Section):
    """What an adapter depends on."""

    model: ModelConfig
    train: TrainConfig


class EvaluateSettings(Section):
    """What an examination depends on."""

    model: ModelConfig
    evaluate: EvaluateConfig
    ask: AskConfig


class FurtherSettings(Section):
    """What the exam of a file or a server depends on."""

    evaluate: EvaluateConfig
    ask: AskConfig


class ExportSettings(Section):
    """What the shipped file depends on."""

    model: ModelConfig
    export: ExportConfig


class ParitySettings(Section):
    """What the parity exam depends on."""

    model: ModelConfig
    export: ExportConfig
    evaluate: EvaluateConfig
    ask: AskConfig


class BenchmarkSettings(Section):
    """What the public benchmarks after the examination depend on; their files count by their bytes."""

    model: ModelConfig
    benchmarks: tuple[AskedBenchmark, ...]
    floor: float = GateConfig().floor
    """Least share of the base model's score that the adapter must keep on each."""
    bootstrap_samples: int = EvaluateConfig().bootstrap_samples
    seed: int = EvaluateConfig().seed


class ReportSettings(Section):
    """A report shows the whole recipe, and what a rehearsal left out of it."""

    recipe: Recipe
    rehearsed: bool = False
    aside: tuple[str, ...] = ()
    """What the recipe asks for and this run went without, one line each."""
