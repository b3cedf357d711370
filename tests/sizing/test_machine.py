from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.sizing.machine import amount, rate, this_machine, usable_memory


@pytest.mark.parametrize(
    ("text", "size"), [("24GB", 24 * 10**9), ("80 GiB", 80 * 2**30), ("1.5gb", 1_500_000_000), ("512MiB", 2**29)]
)
def test_an_amount_is_read_in_powers_of_ten_or_two(text: str, size: int) -> None:
    assert amount(text) == size


@pytest.mark.parametrize("text", ["", "much", "0GB", "-4GB", "12 apples"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no amount of memory"):
        amount(text)


def test_a_container_may_use_less_than_the_machine_has(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("1000000\n", encoding="ascii")
    assert usable_memory(limit) == 1_000_000
    limit.write_text("max\n", encoding="ascii")
    assert usable_memory(limit) == usable_memory(tmp_path / "none") > 1_000_000


def test_this_machine_multiplies_at_some_rate() -> None:
    assert rate("float32", "cpu", seconds=0.0) > 1e6
    assert this_machine().memory > 2**28
