"""A killed export goes on after its last whole tensor and ends with the bytes of an undisturbed one."""

import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loresmith.export import journal, shipping
from loresmith.export.shipping import Shipment
from loresmith.models import lora_weights
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings

KILLED = """
import os, signal, sys
from pathlib import Path
from loresmith.export import shipping
from loresmith.models import lora_weights
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings

base, adapter, path, last = sys.argv[1:]
settings = ExportSettings(model=ModelConfig(base=base), export=ExportConfig())
shipment = shipping.prepare(settings, lora_weights.read(Path(adapter)), Path(path).parent)
for step in shipping.write(shipment, Path(path)):
    if step.done == int(last):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def adapter(qwen2: Path, fit_adapter: Callable[..., Path]) -> Path:
    return fit_adapter(qwen2)


@pytest.fixture(scope="module")
def shipment(qwen2: Path, adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> Shipment:
    settings = ExportSettings(model=ModelConfig(base=str(qwen2)), export=ExportConfig())
    return shipping.prepare(settings, lora_weights.read(adapter), tmp_path_factory.mktemp("space"))


@pytest.fixture(scope="module")
def whole(shipment: Shipment, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "model.gguf"
    assert [step.done for step in shipping.write(shipment, path)] == list(range(1, shipment.tensors + 1))
    assert sorted(path.parent.iterdir()) == [path]
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def stop_after(shipment: Shipment, path: Path, tensors: int) -> None:
    steps = shipping.write(shipment, path)
    while next(steps).done < tensors:
        pass
    steps.close()


def finished(shipment: Shipment, path: Path) -> int:
    """The first tensor that was written anew."""
    first = next(iter([step.done for step in shipping.write(shipment, path)]), shipment.tensors + 1)
    assert not journal.beside(path).exists()
    return first


@pytest.mark.parametrize("seed", range(6))
def test_an_export_stopped_at_random_tensors_ends_with_the_same_bytes(
    shipment: Shipment, whole: bytes, path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    done = 0
    for _ in range(3):
        done = rng.randint(done + 1, shipment.tensors - 3 + _)
        stop_after(shipment, path, done)
        with path.open("ab") as file:  # what a kill leaves of the tensor after
            file.write(rng.randbytes(rng.choice([0, 7, 5000])))
    assert finished(shipment, path) == done + 1
    assert path.read_bytes() == whole


def test_a_killed_process_leaves_what_the_next_goes_on_with(
    qwen2: Path, adapter: Path, shipment: Shipment, whole: bytes, path: Path
) -> None:
    command = [sys.executable, "-c", KILLED, str(qwen2), str(adapter), str(path), "11"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert finished(shipment, path) >= 12
    assert path.read_bytes() == whole


def test_a_file_that_was_whole_but_for_its_end_needs_no_tensor(shipment: Shipment, whole: bytes, path: Path) -> None:
    stop_after(shipment, path, shipment.tensors)
    assert finished(shipment, path) == shipment.tensors + 1
    assert path.read_bytes() == whole


def test_a_byte_lost_after_it_was_noted_is_written_again(shipment: Shipment, whole: bytes, path: Path) -> None:
    stop_after(shipment, path, 9)
    ends = [line[1] for line in journal._lines(journal.beside(path))[1:]]
    raw = bytearray(path.read_bytes())
    raw[int(str(ends[5])) + 40] ^= 1  # in the seventh tensor
    path.write_bytes(raw)
    assert finished(shipment, path) == 7
    assert path.read_bytes() == whole


def test_a_torn_line_of_the_journal_counts_for_nothing(shipment: Shipment, whole: bytes, path: Path) -> None:
    stop_after(shipment, path, 9)
    lines = journal.beside(path)
    lines.write_bytes(lines.read_bytes()[:-4])
    assert finished(shipment, path) == 9
    assert path.read_bytes() == whole


def test_what_another_adapter_left_is_not_gone_on_with(
    qwen2: Path, shipment: Shipment, whole: bytes, path: Path
) -> None:
    lora = shipment.tuned.lora
    changed = lora_weights.LoraWeights(lora.scaling * 2, lora.pairs)
    stop_after(shipping.prepare(shipment.settings, changed, path.parent), path, 9)
    assert finished(shipment, path) == 1
    assert path.read_bytes() == whole


def test_a_finished_file_without_a_journal_is_written_anew(shipment: Shipment, whole: bytes, path: Path) -> None:
    path.write_bytes(whole[:-1])
    assert finished(shipment, path) == 1
    assert path.read_bytes() == whole


def test_a_full_disk_keeps_the_tensors_before(shipment: Shipment, whole: bytes, path: Path) -> None:
    with largest_file(len(whole) // 2), pytest.raises(OSError, match="too large"):
        list(shipping.write(shipment, path))
    assert finished(shipment, path) > 2
    assert path.read_bytes() == whole


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """No file of this process can grow beyond this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
