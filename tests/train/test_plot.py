import re
import xml.etree.ElementTree as ElementTree

import pytest

from loresmith.train import plot

LOGGED = [
    {"step": 0, "validation_loss": 4.2},
    {"step": 10, "loss": 3.0, "learning_rate": 1e-3},
    {"step": 20, "loss": 1.0, "learning_rate": 5e-4},
    {"step": 20, "validation_loss": 2.1},
]
SVG = "{http://www.w3.org/2000/svg}"


def points(svg: str, kind: str) -> list[tuple[float, float]]:
    found = re.search(rf'<polyline class="{kind}" points="([^"]*)"', svg)
    assert found is not None
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in found[1].split())]


def test_it_is_xml_without_outside_parts() -> None:
    svg = plot.drawn(LOGGED)
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert set(re.findall(r'"(https?://[^"]*)"', svg)) == {"http://www.w3.org/2000/svg"}


def test_both_curves_stand_at_their_values() -> None:
    train, watch = (points(plot.drawn(LOGGED), kind) for kind in ("train", "watch"))
    across, down = plot.WIDTH - plot.LEFT - plot.RIGHT, plot.HEIGHT - plot.TOP - plot.BOTTOM
    bottom = plot.HEIGHT - plot.BOTTOM  # the axes end at 20 steps and a loss of 5
    assert [x for x, _ in train] == pytest.approx([plot.LEFT + across / 2, plot.LEFT + across])
    assert [y for _, y in train] == pytest.approx([bottom - down * 3 / 5, bottom - down * 1 / 5], abs=0.06)
    assert watch[0] == pytest.approx((plot.LEFT, bottom - down * 4.2 / 5), abs=0.06)


def test_the_axes_are_named_and_numbered() -> None:
    words = [element.text for element in ElementTree.fromstring(plot.drawn(LOGGED)).iter(f"{SVG}text")]
    assert {"optimizer steps", "loss (nats per token)", "training", "validation", "0", "5", "20"} <= set(words)


def test_a_reader_that_sees_nothing_hears_the_result() -> None:
    label = ElementTree.fromstring(plot.drawn(LOGGED)).attrib["aria-label"]
    assert label == "training loss from 3.000 to 1.000; validation loss from 4.200 to 2.100"


def test_dark_ground_has_colours_of_its_own() -> None:
    assert "prefers-color-scheme: dark" in plot.drawn(LOGGED)


@pytest.mark.parametrize("logged", [[], [{"step": 0, "validation_loss": 0.0}], [{"step": 1, "loss": 1e-6}]])
def test_hardly_any_measurement_still_draws(logged: list[dict[str, float]]) -> None:
    ElementTree.fromstring(plot.drawn(logged))


@pytest.mark.parametrize(
    ("high", "expected"),
    [(5, [0, 1, 2, 3, 4, 5]), (4.2, [0, 1, 2, 3, 4, 5]), (30, [0, 10, 20, 30]), (0.9, [0, 0.2, 0.4, 0.6, 0.8, 1.0])],
)
def test_ticks_are_round_and_reach_the_highest_value(high: float, expected: list[float]) -> None:
    assert plot.ticks(0, high) == pytest.approx(expected)
