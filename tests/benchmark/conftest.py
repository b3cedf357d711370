"""A random model, and an adapter on it as an artifact, so that both arms can be asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.benchmark import Examinee
from loresmith.models.locate import find
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.recipe.settings import TrainSettings


@pytest.fixture(scope="session")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Small weights that change most answers of the random model."""
    import torch
    from peft import LoraConfig, get_peft_model

    from loresmith.models.weights import load_model, quiet

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = get_peft_model(load_model(find(str(tiny_model)), "float32"), LoraConfig(target_modules="all-linear"))
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weights, std=0.5)
    target = tmp_path_factory.mktemp("trained") / "adapter"
    settings = TrainSettings(model=ModelConfig(base=str(tiny_model)), train=TrainConfig())
    with artifact.create(target, Plan("train", settings)) as draft:
        model.save_pretrained(draft.path)
    return artifact.read(target, made_by="train")


@pytest.fixture
def examinee(tiny_model: Path) -> Callable[..., Examinee]:
    """`examinee(adapter=None)`: the random model, with or without the adapter."""

    def build(adapter: Artifact | None = None) -> Examinee:
        return Examinee(find(str(tiny_model)), "float32", adapter)

    return build
