"""Several adapters on one model, each held against a model that was opened with it alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.models import prompts
from loresmith.models.language import open_model
from loresmith.models.locate import find
from loresmith.models.peft_voices import PeftVoices
from tests.models.adapters import random_adapter

QUESTION = prompts.short("Which valve opens at four bar?")
Alone = dict[str | None, tuple[int, ...]]


@pytest.fixture(scope="module")
def folders(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("adapters")
    return {name: random_adapter(tiny_model, home / name, seed) for seed, name in enumerate(("one", "two", "three"), 1)}


@pytest.fixture(scope="module")
def alone(tiny_model: Path, folders: dict[str, Path]) -> Alone:
    """What each says when it is opened by itself; `None`: the base."""
    found: Alone = {}
    for name, folder in {None: None, **folders}.items():
        model = open_model(find(str(tiny_model)), adapter=folder)
        found[name] = model.complete([model.encode(QUESTION)], 12)[0].ids
    assert len(set(found.values())) == 4
    return found


@pytest.fixture
def voices(tiny_model: Path, folders: dict[str, Path]) -> Iterator[PeftVoices]:
    opened = PeftVoices(find(str(tiny_model)), "auto", {name: folders[name] for name in ("one", "two")})
    yield opened
    opened.close()


def said(voices: PeftVoices, name: str | None) -> tuple[int, ...]:
    speaker = voices.voice(name)
    return speaker.complete([speaker.encode(QUESTION)], 12)[0].ids


def test_each_voice_says_what_its_adapter_says_alone_in_any_order(voices: PeftVoices, alone: Alone) -> None:
    for name in ("two", None, "one", "two", "one", None):
        assert said(voices, name) == alone[name]


def test_a_stream_is_of_one_voice(voices: PeftVoices, alone: Alone) -> None:
    speaker = voices.voice("two")
    ids = speaker.encode(QUESTION)
    assert "".join(speaker.stream(ids, 12)) == speaker.decode(alone["two"])


def test_a_switch_brings_and_takes_adapters_and_the_others_go_on(
    voices: PeftVoices, alone: Alone, folders: dict[str, Path]
) -> None:
    voices.prepare({"two": folders["two"], "three": folders["three"]})()
    assert [said(voices, name) for name in ("two", "three", None)] == [alone["two"], alone["three"], alone[None]]
    with pytest.raises(UserError, match="'one' is not loaded"):
        said(voices, "one")


def test_another_adapter_takes_over_a_name(voices: PeftVoices, alone: Alone, folders: dict[str, Path]) -> None:
    voices.prepare({"one": folders["three"], "two": folders["two"]})()
    assert (said(voices, "one"), said(voices, "two")) == (alone["three"], alone["two"])


def test_the_last_adapter_can_go_and_one_come_again(voices: PeftVoices, alone: Alone, folders: dict[str, Path]) -> None:
    voices.prepare({})()
    assert said(voices, None) == alone[None]
    voices.prepare({"one": folders["one"]})()
    assert (said(voices, "one"), said(voices, None)) == (alone["one"], alone[None])


def test_an_adapter_of_another_base_changes_nothing(
    voices: PeftVoices, alone: Alone, folders: dict[str, Path], build_tiny_model: "object", tmp_path: Path
) -> None:
    assert callable(build_tiny_model)
    wide = random_adapter(build_tiny_model(tmp_path / "wide", hidden=96), tmp_path / "foreign", 5)
    with pytest.raises(UserError, match="does not fit tiny"):
        voices.prepare({"one": folders["one"], "two": folders["two"], "four": wide})()
    with pytest.raises(UserError, match="holds no adapter"):
        voices.prepare({"one": tmp_path})
    assert [said(voices, name) for name in ("one", "two", None)] == [alone["one"], alone["two"], alone[None]]
