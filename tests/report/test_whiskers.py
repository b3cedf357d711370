"""Drawings are read back: where a dot stands is what the picture says."""

import re

import pytest

from loresmith.pictures import curve
from loresmith.pictures.axis import Axis, ticks
from loresmith.records import Estimate
from loresmith.report.pictures import whiskers


def row(label: str, value: float, low: float, high: float) -> whiskers.Row:
    return whiskers.Row(label, Estimate(value=value, low=low, high=high, n=100, method="m"), label, f"{value:.0%}")


def dots(svg: str) -> list[float]:
    return [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg)]


def grid(svg: str) -> list[float]:
    return [float(x) for x in re.findall(r'<line class="grid" x1="([\d.]+)"', svg)]


def test_dots_stand_where_their_shares_are() -> None:
    svg = whiskers.panel(
        "t", [row("base", 0.0, 0, 0.1), row("lora", 0.5, 0.4, 0.6), row("rag", 1, 0.9, 1)], whiskers.shares()
    )
    zero, *_, whole = grid(svg)
    assert dots(svg) == [zero, pytest.approx((zero + whole) / 2, abs=0.1), whole]


def test_the_axis_of_shares_is_never_cut() -> None:
    svg = whiskers.panel("t", [row("base", 0.90, 0.89, 0.91)], whiskers.shares())
    assert re.findall(r'class="tick"[^>]*>([^<]*)<', svg) == ["0%", "25%", "50%", "75%", "100%"]


def test_differences_lie_around_zero_and_no_interval_is_cut() -> None:
    wide = row("a", -0.1, -0.33, 0.02)
    scale = whiskers.differences([wide.estimate])
    assert scale.low <= -0.33
    assert scale.high >= 0.33
    svg = whiskers.panel("t", [wide], scale)
    reference = float(re.findall(r'class="reference" x1="([\d.]+)"', svg)[0])
    assert dots(svg)[0] < reference
    assert "−" in svg


def test_chance_is_marked() -> None:
    svg = whiskers.panel("t", [row("base", 0.5, 0.4, 0.6)], whiskers.shares(0.25))
    assert ">chance<" in svg


def test_names_cannot_break_out_of_a_drawing() -> None:
    svg = whiskers.panel("<b>", [row('"><script>', 0.5, 0.4, 0.6)], whiskers.shares())
    assert "<script>" not in svg
    assert "<b>" not in svg


def test_the_plain_picture_puts_the_same_dot_in_the_same_place() -> None:
    text = whiskers.plain("Recall", [row("base", 0.0, 0, 0.1), row("lora", 0.5, 0.25, 0.75)], whiskers.shares())
    title, base, lora, axis = text.splitlines()
    start = len("  base  ")
    assert title == "Recall"
    assert base[start] == "o"
    assert lora[start:].startswith("·         ──────────o──────────         ·  50%")
    assert axis.split() == ["0%", "25%", "50%", "75%", "100%"]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 7.3), (-0.33, 0.33), (0, 1e-12), (12, 13)])
def test_ticks_are_round_and_hold_the_range(low: float, high: float) -> None:
    marks = ticks(low, high)
    assert marks[0] <= low + 1e-9
    assert marks[-1] >= high - 1e-9
    assert 2 <= len(marks) <= 8


def test_an_axis_holds_what_lies_outside_at_its_ends() -> None:
    axis = Axis(0, 10, 100, 200)
    assert [axis.at(value) for value in (-5, 0, 5, 10, 50)] == [100, 100, 150, 200, 200]


def test_a_curve_falls_where_the_loss_falls_and_labels_do_not_overlap() -> None:
    series = [
        curve.Series("training", "train", ((0, 4.0), (10, 1.0))),
        curve.Series("validation", "watch", ((0, 4), (10, 1.02))),
    ]
    svg = curve.drawn(series, "steps", "loss")
    paths = re.findall(r'<polyline points="([^"]+)"', svg)
    (_, first), (_, last) = (map(float, point.split(",")) for point in paths[0].split())
    assert last > first  # SVG counts downwards
    labels = [float(y) for y in re.findall(r'y="([\d.]+)">(?:training|validation)', svg)]
    assert abs(labels[0] - labels[1]) >= 16
    assert "training loss from 4.00 to 1.00" in svg


def test_a_series_without_points_is_left_out() -> None:
    svg = curve.drawn(
        [curve.Series("training", "train", ((1, 2.0),)), curve.Series("validation", "watch", ())], "s", "loss"
    )
    assert "validation" not in svg
