from xml.etree import ElementTree

from loresmith.domains.bars import across, upright


def test_bars_are_well_formed_whatever_the_names_hold() -> None:
    drawn = ElementTree.fromstring(across("Topic", {"<script>alert(1)</script> & “more”": 3, "plain": 1}))
    wide, narrow = (float(bar.attrib["width"]) for bar in drawn.iter("rect"))
    assert narrow == round(wide / 3, 1)
    assert [text.text for text in drawn.iter("text")][1::2] == ["3 · 75%", "1 · 25%"]


def test_columns_stand_on_one_floor_and_nothing_leaves_the_picture() -> None:
    drawn = ElementTree.fromstring(upright("Difficulty", ["0.0", "0.1"], [0.5, 1.0], most=1.0))
    ends = [float(bar.attrib["y"]) + float(bar.attrib["height"]) for bar in drawn.iter("rect")]
    assert ends[0] == ends[1]
    assert all(float(bar.attrib["y"]) > 0 for bar in drawn.iter("rect"))


def test_nothing_to_show_is_an_empty_picture() -> None:
    assert "<rect" not in across("Topic", {})
    assert "<rect" not in upright("Difficulty", [], [])
