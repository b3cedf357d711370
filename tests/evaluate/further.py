"""What the tests of further arms share: an exam that is over, and the file that was exported from its adapter."""

from dataclasses import dataclass
from pathlib import Path

from loresmith import evaluate, export
from loresmith.artifact import Artifact, Plan
from loresmith.progress import finish
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import EvaluateSettings, ExportSettings, FurtherSettings


@dataclass(frozen=True)
class Over:
    """A finished examination and its exported file."""

    settings: EvaluateSettings
    parents: dict[str, Artifact]
    """split, index, train, evaluate, export."""

    def plan(self, stage: str, *arms: str, **endpoint: object) -> Plan:
        """What the further arms of `stage` would be asked."""
        given = {"arms": (), "further": arms, "endpoint": endpoint}
        config = self.settings.evaluate.model_validate(self.settings.evaluate.model_dump() | given)
        settings = FurtherSettings(evaluate=config, ask=self.settings.ask)
        return Plan(stage, settings, {name: self.parents[name] for name in ("split", "index", "evaluate", "export")})


def hold(parents: dict[str, Artifact], folder: Path, model: Path, **config: object) -> Over:
    """An exam with the settings `config`, and the file in 16 bits."""
    settings = EvaluateSettings.model_validate(
        {
            "model": {"base": str(model)},
            "evaluate": {"max_new_tokens": 6, "batch_size": 8, "bootstrap_samples": 1000, **config},
            "ask": {"passages": 2, "source_tokens": 200},
        }
    )
    exam = finish(evaluate.run(Plan("evaluate", settings, parents), folder / "exam"))
    shipping = ExportSettings(model=ModelConfig(base=str(model)), export=ExportConfig(quantization="f16"))
    file = finish(export.run(Plan("export", shipping, {"train": parents["train"]}), folder / "export"))
    return Over(settings, {**parents, "evaluate": exam, "export": file})
