"""Notes at the foot of drawn pages: what is one, where it goes, and what refers to it."""

from collections.abc import Callable

import pytest

from loresmith.ingest.layout.blocks import Block
from loresmith.ingest.layout.writing import markdown_of

Blocks = Callable[..., list[Block]]

RULE = "rule 60 120 688"


def text(x: float, y: float, *lines: str, size: int = 10) -> str:
    """Lines of fixed pitch under each other; a character is 0.6 of the size wide."""
    return "\n".join(f"{x} {y + 1.2 * size * i} {size} fixed {line}" for i, line in enumerate(lines))


def referring(x: float, y: float, line: str, mark: str) -> str:
    """A line of text with a raised mark behind it."""
    return f"{x} {y} 10 fixed {line}\n{x + 6 * len(line)} {y - 4} 6 fixed {mark}"


def note(x: float, y: float, mark: str, *lines: str) -> str:
    """Lines in small type; a raised mark stands in front of the first."""
    first, *rest = lines
    return f"{x} {y - 3} 5 fixed {mark}\n{x + 4 * len(mark)} {y} 8 fixed {first}\n" + text(x, y + 9.6, *rest, size=8)


def footnotes(found: list[Block]) -> list[tuple[str, str]]:
    return [(block.label, block.text) for block in found if block.kind == "footnote"]


LEFT = text(
    60,
    100,
    "The left column comes first and it",
    "says what the valve does when all",
    "of the others are shut for good.",
)
CUT = text(60, 160, "It opens at four bar and it is the", "first of them that was made, which", "is what")
RIGHT = text(
    320,
    100,
    "the right column goes on with, as",
    "a person would read it. There is",
    "one more sentence to fill it up.",
)
WIDE = text(60, 100, *["The valve opens at four bar and closes at three, as the table says."] * 4)
REFERRED = referring(60, 160, "It opens at four bar and closes", "3") + "\n" + text(60, 172, "once the pressure falls.")
THIRD = note(60, 700, "3", "Measured in the first year.")


def test_a_note_does_not_cut_the_paragraph_that_goes_on_in_the_next_column(blocks: Blocks) -> None:
    found = blocks(f"{LEFT}\n{CUT}\n{RULE}\n{THIRD}\n{RIGHT}")
    assert footnotes(found) == [("3", "Measured in the first year.")]
    assert any("which is what the right column goes on" in block.text for block in found)


def test_the_mark_in_the_text_refers_to_the_note(blocks: Blocks) -> None:
    found = blocks(f"{LEFT}\n{REFERRED}\n{RULE}\n{THIRD}")
    markdown = markdown_of(found, 1)
    assert "four bar and closes[^3] once" in markdown
    assert markdown.endswith("\n\n[^3]: Measured in the first year.\n")


def test_a_note_has_its_page_and_its_place(blocks: Blocks) -> None:
    last = blocks(WIDE, f"{WIDE}\n{RULE}\n{THIRD}")[-1]
    assert (last.kind, last.page) == ("footnote", 2)
    assert last.box.x0 == pytest.approx(60, abs=2)
    assert 690 < last.box.top < last.box.bottom < 705


def test_notes_follow_each_other_and_go_on_over_lines(blocks: Blocks) -> None:
    first = note(60, 700, "1", "Measured in the first year and never", "again since then.")
    found = blocks(f"{WIDE}\n{RULE}\n{first}\n{note(60, 720, '2', 'https://example.org/valves')}")
    assert footnotes(found) == [
        ("1", "Measured in the first year and never again since then."),
        ("2", "https://example.org/valves"),
    ]


@pytest.mark.parametrize(("line", "label"), [("33. Two recent examples.", "33"), ("* Corresponding author.", "∗")])
def test_a_mark_on_the_line_is_enough_under_a_rule(blocks: Blocks, line: str, label: str) -> None:
    (found,) = footnotes(blocks(f"{WIDE}\n{RULE}\n{text(60, 700, line, size=8)}"))
    assert found == (label, line.partition(" ")[2])


@pytest.mark.parametrize(("body", "count"), [(REFERRED, 1), (CUT, 0)], ids=["referred to", "not referred to"])
def test_without_a_rule_a_note_needs_its_mark_in_the_text(blocks: Blocks, body: str, count: int) -> None:
    assert len(footnotes(blocks(f"{LEFT}\n{body}\n{THIRD}"))) == count


TABLE = """rule 60 300 600
64 612 10 fixed Valve
200 612 10 fixed Bar
rule 60 300 618
64 632 10 fixed Brea
200 632 10 fixed 71.2
64 646 10 fixed Kard
200 646 10 fixed 65.1
rule 60 300 652"""


@pytest.mark.parametrize(
    "foot",
    [
        f"{RULE}\n" + text(60, 700, "Permission to copy is granted for", "use in a class.", size=8),
        text(60, 700, "3. Opened at four bar.", "4. Closed at three bar.", size=8),
        f"{TABLE}\n{note(60, 664, '3', 'Without the test part.')}",
        f"{RULE}\n60 696 6 fixed 3\n64 700 10 fixed Measured in the first year.",
        f"rule 60 120 300\n{note(60, 312, '3', 'High on the page.')}",
        f"{RULE}\n{THIRD}\n{text(60, 712.5, 'The body goes on below it in its own type.')}",
    ],
    ids=["no mark", "list", "table", "size of the text", "high", "text below"],
)
def test_what_is_no_footnote(blocks: Blocks, foot: str) -> None:
    assert not footnotes(blocks(f"{LEFT}\n{REFERRED}\n{foot}"))


def test_a_line_in_the_margin_below_is_no_part_of_the_note(blocks: Blocks) -> None:
    found = blocks(f"{WIDE}\n{RULE}\n{THIRD}\n{text(60, 745, 'Conference on Valves, Kassel.', size=8)}")
    assert footnotes(found) == [("3", "Measured in the first year.")]
    assert any(block.text == "Conference on Valves, Kassel." for block in found)


def test_equal_marks_of_two_pages_get_labels_of_their_own(blocks: Blocks) -> None:
    page = f"{LEFT}\n{REFERRED}\n{RULE}\n{THIRD}"
    found = blocks(page, page)
    assert [label for label, _ in footnotes(found)] == ["3", "3-p2"]
    assert ["closes[^3-p2]" in block.text for block in found if "closes[^" in block.text] == [False, True]


def test_a_note_that_goes_on_on_the_next_page_is_whole(blocks: Blocks) -> None:
    begun = note(60, 700, "3", "Measured in the first year and")
    second = f"{WIDE}\n{RULE}\n{text(60, 700, 'never again since then.', size=8)}"
    found = blocks(f"{WIDE}\n{RULE}\n{begun}", second)
    assert footnotes(found) == [("3", "Measured in the first year and never again since then.")]


def test_a_note_stands_before_the_paragraph_that_goes_on_on_the_next_page(blocks: Blocks) -> None:
    found = blocks(f"{LEFT}\n{CUT}\n{RULE}\n{THIRD}", text(60, 100, "the next page goes on with."))
    assert [block.kind for block in found] == ["paragraph", "footnote", "paragraph", "paragraph"]


def test_a_paragraph_that_ends_in_a_reference_does_not_go_on(blocks: Blocks) -> None:
    found = blocks(f"{LEFT}\n{referring(60, 160, 'It opens at four bar.', '3')}\n{RULE}\n{THIRD}")
    assert [block.kind for block in found] == ["paragraph", "paragraph", "footnote"]


def test_an_exponent_refers_to_nothing(blocks: Blocks) -> None:
    power = referring(60, 160, "It opens at 10", "3") + "\n" + text(60, 172, "once the pressure falls.")
    found = blocks(f"{LEFT}\n{power}\n{RULE}\n{THIRD}")
    assert len(footnotes(found)) == 1
    assert any("10^3" in block.text for block in found)
