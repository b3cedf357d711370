from loresmith.recipe import TrainConfig
from loresmith.sizing.published import table

LINES = {(line.size, line.method): line for line in table(512, TrainConfig())}


def test_three_sizes_are_trained_in_three_ways() -> None:
    assert len(LINES) == 9


def test_the_published_least_for_lora_is_below_the_weights() -> None:
    for size in ("3B", "7B", "14B"):
        assert "no room for weights" in LINES[size, "lora"].remark.split(";")[0]


def test_the_published_recommendation_for_lora_holds_for_short_rows() -> None:
    assert LINES["3B", "lora"].remark.split(";")[1].strip().startswith("12: rows of ")


def test_the_published_least_for_full_training_is_below_weights_and_gradients_in_16_bits() -> None:
    for size in ("3B", "7B", "14B"):
        line = LINES[size, "full"]
        assert line.published is not None
        assert line.published[0] * 1e9 < line.peak.weights  # in 32 bits: as much as both in 16


def test_no_published_figure_for_full_training_holds_weights_gradients_and_moments() -> None:
    assert all(LINES[size, "full"].remark.count("no room for") == 2 for size in ("3B", "7B", "14B"))


def test_qlora_is_not_in_the_published_table() -> None:
    assert LINES["3B", "qlora"].published is None
