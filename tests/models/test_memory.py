from pathlib import Path

import pytest

from loresmith.errors import MachineError
from loresmith.models import memory


@pytest.fixture
def meminfo(tmp_path: Path) -> Path:
    path = tmp_path / "meminfo"
    path.write_text("MemTotal:        8000 kB\nMemFree:          100 kB\nMemAvailable:    3000 kB\n")
    return path


@pytest.fixture
def cgroup(tmp_path: Path) -> Path:
    (tmp_path / "memory.max").write_text("2000000\n")
    (tmp_path / "memory.current").write_text("1500000\n")
    (tmp_path / "memory.stat").write_text("anon 900000\ninactive_file 300000\nactive_file 100000\n")
    return tmp_path


def test_a_machine_without_a_limit_tells_what_is_available(meminfo: Path, tmp_path: Path) -> None:
    assert memory.available_bytes(meminfo, tmp_path / "none") == 3000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available_bytes(meminfo, tmp_path) == 3000 * 1024


def test_a_container_has_what_its_limit_leaves_and_pages_of_files(meminfo: Path, cgroup: Path) -> None:
    assert memory.available_bytes(meminfo, cgroup) == 900_000


def test_a_system_that_does_not_tell_refuses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory.available_bytes(tmp_path / "none", tmp_path) is None
    monkeypatch.setattr(memory, "available_bytes", lambda: None)
    memory.require(1 << 60, "Exporting")


def test_too_little_memory_is_said_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 5_000_000)
    memory.require(5_000_000, "Exporting")
    with pytest.raises(MachineError, match="Exporting needs 6 MB of memory, 5 MB are free"):
        memory.require(6_000_000, "Exporting")
