"""Order, headings, hyphens, running heads, contents and formulas of drawn pages."""

from collections.abc import Callable
from pathlib import Path

from loresmith.ingest.layout.blocks import Block

Blocks = Callable[..., list[Block]]


def lines(x: float, y: float, *texts: str, size: int = 10, face: str = "regular") -> str:
    """Lines of text under each other."""
    return "\n".join(f"{x} {y + 1.2 * size * i} {size} {face} {text}" for i, text in enumerate(texts))


LEFT = lines(
    60,
    100,
    "The left column comes first and it says that the",
    "valve opens at four bar and closes at three, and",
    "it is the first of them that was made, which is",
    "what",
)
RIGHT = lines(
    320,
    100,
    "the right column goes on with, as a person would",
    "read it. Then there is one more sentence in this",
    "column to fill it up.",
)


OUTLINE = [("Method", 1), ("Data", 2), ("Yield", 3)]


def test_the_left_column_is_read_before_the_right(blocks: Blocks) -> None:
    (block,) = blocks(LEFT + "\n" + RIGHT)
    assert "which is what the right column goes on" in block.text


def test_a_title_over_both_columns_comes_first(blocks: Blocks) -> None:
    texts = [block.text for block in blocks(f"150 60 18 bold Valves and Their Pressures\n{LEFT}\n{RIGHT}")]
    assert texts[0] == "Valves and Their Pressures"


def test_a_column_that_ends_with_a_stop_is_not_joined(blocks: Blocks) -> None:
    ended = LEFT.replace("regular what", "regular all.")
    assert len(blocks(ended + "\n" + RIGHT.replace("the right", "The right", 1))) == 2


def test_running_heads_and_page_numbers_are_left_out(blocks: Blocks) -> None:
    pages = [f"60 40 9 regular A Study of Valves {n}\n300 760 9 regular {n}\n{LEFT}" for n in range(1, 5)]
    texts = " ".join(block.text for block in blocks(*pages))
    assert "Study" not in texts
    assert not any(str(n) in texts for n in range(1, 5))


def test_a_real_hyphen_at_a_line_end_stays(blocks: Blocks) -> None:
    (block,) = blocks(
        lines(
            60, 100, "We compare the outcome with that of DeepSeek-", "R1-7B and find that it is much smaller than it."
        )
    )
    assert "DeepSeek-R1-7B" in block.text


def test_a_broken_word_is_joined(blocks: Blocks) -> None:
    (block,) = blocks(
        lines(60, 100, "The measure of all of these valves is the pres-", "sure at which they open for the first time.")
    )
    assert "the pressure at" in block.text


def test_titles_of_the_outline_are_the_headings(blocks: Blocks) -> None:
    page = f"60 60 10 bold 2.1 Method\n60 80 10 bold Not a title of the outline\n{LEFT}"
    found = blocks(page, page.replace("Method", "Data"), page.replace("Method", "Yield"), titles=OUTLINE)
    headings = [(block.text, block.is_certain) for block in found if block.kind == "heading"]
    assert headings == [("2.1 Method", True), ("2.1 Data", True), ("2.1 Yield", True)]


def test_numbered_bold_lines_are_headings_without_an_outline(blocks: Blocks) -> None:
    def section(number: str, y: int) -> str:
        return f"60 {y} 12 bold {number}\n" + lines(
            60, y + 20, "Some text stands here under the heading", "and goes on for one more line."
        )

    page = (
        section("1 Introduction", 80) + "\n" + section("2 Method", 150) + "\n" + section("2.1 Data of the Study", 220)
    )
    page += "\n" + section("3 Results", 290)
    levels = [(block.text, block.level) for block in blocks(page) if block.kind == "heading"]
    assert levels == [("1 Introduction", 2), ("2 Method", 2), ("2.1 Data of the Study", 3), ("3 Results", 2)]


def test_a_contents_page_is_dropped(blocks: Blocks) -> None:
    dotted = lines(60, 120, *(f"{n} Title number {n} . . . . . . . . . . . . . . . {n}" for n in range(1, 7)))
    texts = " ".join(block.text for block in blocks(f"60 90 14 bold Contents\n{dotted}\n" + LEFT.replace(" 1", " 5")))
    assert "Title number" not in texts
    assert "Contents" not in texts


def test_a_small_caption_in_the_middle_is_no_part_of_the_text_below(blocks: Blocks) -> None:
    caption = "200 88 9 regular (b) Valves opened by the hour"
    found = blocks(f"{caption}\n{LEFT}")
    assert "(b) Valves opened by the hour" in [block.text for block in found]


def test_bullets_are_items(blocks: Blocks) -> None:
    found = blocks(lines(60, 100, "• The first thing that is said", "• The second thing that is said"))
    assert [(block.kind, block.text) for block in found] == [
        ("item", "The first thing that is said"),
        ("item", "The second thing that is said"),
    ]


def test_a_display_equation_is_one_block(blocks: Blocks) -> None:
    page = lines(60, 100, "The loss that we make small is the following one, as it was before:")
    page += "\n220 130 10 italic L = a + b\n280 124 10 regular x\n280 137 10 regular y\n480 130 10 regular (1)\n"
    page += lines(60, 160, "where a and b are the two parts that the text above has told of.")
    found = blocks(page)
    assert [block.kind for block in found] == ["paragraph", "equation", "paragraph"]
    assert "L = a + b" in found[1].text
    assert found[1].text.endswith("(1)")


def test_reading_twice_gives_the_same_blocks(blocks: Blocks) -> None:
    assert blocks(LEFT, RIGHT) == blocks(LEFT, RIGHT)


def test_snippets_of_two_column_papers_come_in_order(shared_data: Path, truth_markdown: Path) -> None:
    import json
    import re
    import unicodedata

    truth = shared_data / "pdf" / "truth"
    for entry in json.loads((truth / "order.json").read_text(encoding="utf-8")):
        markdown = (truth_markdown / entry["pdf"]).with_suffix(".md").read_text(encoding="utf-8")
        parts = re.split(r"<!-- page (\d+) -->", markdown)
        page = " ".join(dict(zip(parts[1::2], parts[2::2], strict=True))[str(entry["page"])].replace("**", "").split())
        plain = unicodedata.normalize("NFKC", page).replace("’", "'")
        places = [plain.find(unicodedata.normalize("NFKC", text).replace("’", "'")) for text in entry["snippets"]]
        assert -1 not in places, (entry["pdf"], entry["page"], entry["snippets"][places.index(-1)])
        assert places == sorted(places), (entry["pdf"], entry["page"])
