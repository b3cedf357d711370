"""What every test can ask for."""

import os
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from loresmith.pipeline import Project, open_project

# A loaded machine is no reason to fail a property; how long it may take is for benchmarks to say.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Spinning OpenMP threads starve each other on shared machines (17 times slower); it must be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")
for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data of others that is not part of this repository; tests that need it are skipped where it is absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def build_tiny_model() -> Callable[..., Path]:
    """`build_tiny_model(folder, seed=0, hidden=64, template=...)` of tests/tiny_model.py."""
    build: Callable[..., Path] = runpy.run_path(str(Path(__file__).with_name("tiny_model.py")))["build_tiny_model"]
    return build


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, build_tiny_model: Callable[..., Path]) -> Path:
    """A small random model (2 layers, window 512) with tokenizer and ChatML template; leave the folder as it is."""
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def sixteen_bit_model(tmp_path_factory: pytest.TempPathFactory, build_tiny_model: Callable[..., Path]) -> Path:
    """The same in bfloat16, its weights in several files; leave the folder as it is."""
    import torch
    from transformers import AutoModelForCausalLM

    folder = build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="100KB")
    return folder


@pytest.fixture(scope="session")
def finished_home(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """Where a finished project lies, made by tests/publish/conftest.py; leave the folder as it is."""
    from tests.publish.conftest import build

    folder = tmp_path_factory.mktemp("finished") / "home"
    build(folder, tiny_model)
    return folder


@pytest.fixture
def project(tmp_path: Path, finished_home: Path) -> Project:
    """A copy of the finished project that may be changed."""
    shutil.copytree(finished_home, tmp_path / "home")
    return open_project(tmp_path / "home" / "plant")
