import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.chunk.blocks import blocks_of, heading_text, without_page_marks

PAGE = """<!-- page 1 -->

# Valves

A relief valve opens
at 4 bar.

- first item
- second item
  that goes on

| a | b |
|---|---|
| 1 | 2 |

```python
# no heading

x = 1
```

<!-- page 2 -->

Prose on page two."""


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in blocks_of(text)]


def test_each_kind_of_block_is_told_apart() -> None:
    assert [kind for kind, _ in kinds(PAGE)] == [
        *["mark", "heading", "prose", "item", "item", "table", "code", "mark", "prose"],
    ]


def test_a_hash_inside_a_fence_is_no_heading() -> None:
    assert ("code", "```python\n# no heading\n\nx = 1\n```") in kinds(PAGE)


def test_an_open_fence_runs_to_the_end() -> None:
    assert kinds("```\n# a\n\nb") == [("code", "```\n# a\n\nb")]


def test_lines_that_go_on_belong_to_their_item() -> None:
    assert ("item", "- second item\n  that goes on") in kinds(PAGE)


def test_a_block_knows_the_page_on_which_it_begins() -> None:
    pages = {text: block.page for block, (_, text) in zip(blocks_of(PAGE), kinds(PAGE), strict=True)}
    assert pages["# Valves"] == 1
    assert pages["Prose on page two."] == 2


def test_before_the_first_mark_the_page_is_unknown() -> None:
    assert blocks_of("Words.")[0].page is None


def test_a_table_needs_its_rule() -> None:
    assert [kind for kind, _ in kinds("a | b\nc | d")] == ["prose"]
    assert [kind for kind, _ in kinds("a | b\n--- | ---\nc | d")] == ["table"]


def test_headings_lose_their_marks() -> None:
    assert heading_text("### **3.1** The `valve` ###") == "3.1 The valve"


def test_page_marks_leave_no_hole() -> None:
    assert without_page_marks("One.\n\n<!-- page 2 -->\n\nTwo.\n<!-- page 3 -->") == "One.\n\nTwo."


LINES = st.sampled_from(
    ["", "# H", "words", "| a | b |", "|---|---|", "- item", "```", "<!-- page 7 -->", "    ", "|", "a | b", "1. x"]
)


@settings(deadline=None)  # shared machines stall
@given(st.lists(LINES, max_size=20))
def test_blocks_are_in_order_and_hold_all_that_is_not_blank(lines: list[str]) -> None:
    text = "\n".join(lines)
    blocks = blocks_of(text)
    assert all(left.end <= right.start for left, right in itertools.pairwise(blocks))
    held = {i for block in blocks for i in range(block.start, block.end)}
    assert {i for i, character in enumerate(text) if not character.isspace()} <= held
