"""Several adapters in one llama.cpp, each held against a process that was started with it alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.export import adapter_file, shipping
from loresmith.models import lora_weights, prompts
from loresmith.models.gguf import GgufModel
from loresmith.models.gguf_voices import GgufVoices
from loresmith.models.lora_weights import NO_UPDATE
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings
from tests.models.adapters import random_adapter

QUESTION = prompts.short("Which valve opens at four bar?")
Files = tuple[Path, dict[str, Path]]


@pytest.fixture(scope="module")
def files(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The base as GGUF, and two adapters for it."""
    home = tmp_path_factory.mktemp("voices")
    settings = ExportSettings(model=ModelConfig(base=str(tiny_model)), export=ExportConfig(quantization="f16"))
    shipment = shipping.prepare(settings, NO_UPDATE, home)
    for _ in shipping.write(shipment, home / "base.gguf"):
        pass
    found = {}
    for seed, name in enumerate(("one", "two"), 1):
        folder = random_adapter(tiny_model, home / name, seed)
        found[name] = home / f"{name}.gguf"
        adapter_file.write(found[name], "tiny", lora_weights.read(folder), shipment.layout)
    return home / "base.gguf", found


Said = dict[str | None, str]


@pytest.fixture(scope="module")
def alone(files: Files) -> Said:
    """What each says by itself; `None`: the base."""
    told: Said = {}
    for name, file in {None: None, **files[1]}.items():
        with GgufModel(files[0], adapter=file) as model:
            told[name] = model.complete([model.encode(QUESTION)], 12)[0].text
    assert len(set(told.values())) == 3
    return told


@pytest.fixture
def voices(files: Files) -> Iterator[GgufVoices]:
    opened = GgufVoices(*files)
    yield opened
    opened.close()


def said(voices: GgufVoices, name: str | None) -> str:
    speaker = voices.voice(name)
    return speaker.complete([speaker.encode(QUESTION)], 12)[0].text


def test_each_voice_says_what_its_adapter_says_alone_in_any_order(voices: GgufVoices, alone: Said) -> None:
    for name in ("two", None, "one", "two", None):
        assert said(voices, name) == alone[name]
        streamed = "".join(voices.voice(name).stream(voices.voice(name).encode(QUESTION), 12))
        assert streamed == alone[name].rstrip("\ufffd")  # a stream holds half a character back


def test_a_switch_changes_the_adapters_and_the_old_process_answers_until_then(
    voices: GgufVoices, alone: Said, files: Files
) -> None:
    switch = voices.prepare({"other": files[1]["two"]})
    assert said(voices, "one") == alone["one"]
    switch()
    assert (said(voices, "other"), said(voices, None)) == (alone["two"], alone[None])
    with pytest.raises(UserError, match="'one' is not loaded"):
        said(voices, "one")


def test_a_missing_adapter_changes_nothing_and_names_the_verb(voices: GgufVoices, alone: Said, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="loresmith export PROJECT --also adapter"):
        voices.prepare({"one": tmp_path / "no.gguf"})
    assert said(voices, "one") == alone["one"]
