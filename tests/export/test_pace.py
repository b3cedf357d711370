from loresmith.export import pace
from loresmith.export.gguf_file import Planned


def test_what_is_left_is_told_from_what_is_done() -> None:
    assert pace.words_left(done=2.0, left=6.0, seconds=10.0) == "30 s left"
    assert pace.words_left(done=2.0, left=20.0, seconds=10.0) == "1 min 40 s left"


def test_a_start_that_is_too_short_says_nothing() -> None:
    assert pace.words_left(done=2.0, left=6.0, seconds=0.5) == ""
    assert pace.words_left(done=0.0, left=6.0, seconds=10.0) == ""


def test_four_bit_blocks_cost_more_than_sixteen_bits() -> None:
    fine = Planned("a.weight", "a", (256, 256), "F16")
    coarse = Planned("a.weight", "a", (256, 256), "Q4_K")
    assert pace.cost([coarse]) > 10 * pace.cost([fine])
    assert pace.cost([fine, coarse]) == pace.cost([fine]) + pace.cost([coarse])
