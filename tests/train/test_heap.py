"""Freed memory is kept while training and given back afterwards."""

import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
from loresmith.train import heap

def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20

before = held()
with heap.kept():
    blocks = [np.ones(2 << 20, dtype=np.uint8) for _ in range(60)]
    blocks.clear()
    inside = held()
print(before, inside, held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's thresholds")
def test_freed_blocks_stay_until_the_end_and_not_longer() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    before, inside, after = map(int, done.stdout.split())
    assert inside > before + 100
    assert after < before + 40
