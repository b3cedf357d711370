from itertools import pairwise
from xml.etree import ElementTree

import pytest

from training.starter import curve


def test_the_curve_is_whole_xml_with_one_line_for_each_series() -> None:
    rows = [{"step": float(n), "text_loss": 8 - n / 10, "answer_loss": 7 - n / 10} for n in range(1, 40)]
    rows.append({"step": 40.0, "held_out_loss": 4.5})
    picture = ElementTree.fromstring(curve.draw(rows, lambda step: int(step * 4096)))
    assert len(picture.findall("{*}polyline")) == 3


def test_smoothing_keeps_the_mean_of_a_window() -> None:
    assert curve.smooth([(0, 2.0), (1, 4.0), (2, 6.0)], window=2) == [(0, 2.0), (1, 3.0), (2, 5.0)]


def test_labels_never_overlap() -> None:
    placed = sorted(curve._apart([10.0, 11.0, 40.0, 12.0]))
    assert min(b - a for a, b in pairwise(placed)) == pytest.approx(15.0)
