import os
from pathlib import Path

import pytest

from loresmith.models.threads import usable_cores


@pytest.mark.parametrize(("quota", "cores"), [("50000 100000", 1), ("100000 100000", 1), ("150000 100000", 2)])
def test_the_containers_quota_is_the_limit(tmp_path: Path, quota: str, cores: int) -> None:
    path = tmp_path / "cpu.max"
    path.write_text(quota)
    assert usable_cores(path) == min(cores, usable_cores(tmp_path / "absent"))


@pytest.mark.parametrize("quota", ["max 100000", "", "damaged"])
def test_without_a_quota_every_allowed_core_counts(tmp_path: Path, quota: str) -> None:
    path = tmp_path / "cpu.max"
    path.write_text(quota)
    assert 1 <= usable_cores(path) <= (os.cpu_count() or 1)
    assert usable_cores(path) == usable_cores(tmp_path / "absent")
