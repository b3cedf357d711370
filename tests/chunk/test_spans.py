import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.chunk.blocks import blocks_of
from loresmith.chunk.spans import shown, spans

SENTENCE = "The relief valve number {} opens at a pressure of four bar and closes again at three. "


def test_a_heading_begins_a_new_span_with_its_path() -> None:
    text = "# Guide\n\nWords.\n\n## Valves\n\nMore words.\n\n# Pumps\n\nLast words."
    assert [(span.headings, text[span.start : span.end]) for span in spans(text, 500, 50)] == [
        (("Guide",), "# Guide\n\nWords."),
        (("Guide", "Valves"), "## Valves\n\nMore words."),
        (("Pumps",), "# Pumps\n\nLast words."),
    ]


def test_headings_with_nothing_below_open_the_next_section() -> None:
    text = "# Guide\n\n## Valves\n\nWords."
    assert [(span.start, span.end) for span in spans(text, 500, 50)] == [(0, len(text))]


def test_neighbours_in_a_section_share_whole_sentences() -> None:
    text = "".join(SENTENCE.format(number) for number in range(20)).strip()
    cuts = spans(text, 300, 100)
    shared = [text[right.start : left.end] for left, right in itertools.pairwise(cuts)]
    assert all(0 < len(words) <= 100 and words.startswith("The relief") for words in shared)


def test_sections_share_nothing() -> None:
    body = "".join(SENTENCE.format(number) for number in range(3))
    first, second = spans(f"# A\n\n{body}\n\n# B\n\n{body}", 400, 120)
    assert first.end <= second.start


def test_a_short_table_stays_whole_with_the_caption_before_it() -> None:
    text = "Table 1: Valves.\n\n| valve | bar |\n|---|---|\n| relief | 4 |\n\nWords after."
    first, second = spans(text, 300, 50)
    assert (first.kind, text[first.start : first.end].count("\n")) == ("table", 4)
    assert shown(text, second) == "Words after."


def test_a_caption_below_belongs_to_the_table_above() -> None:
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\nTable 1 | First.\n\n| c | d |\n|---|---|\n| 3 | 4 |\n\nTable 2 | Second."
    assert [shown(text, span).split("\n\n")[-1] for span in spans(text, 300, 50)] == [
        "Table 1 | First.",
        "Table 2 | Second.",
    ]


def test_a_sentence_about_a_table_is_no_caption() -> None:
    text = "Table 1 shows valves.\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert [span.kind for span in spans(text, 300, 50)] == ["prose", "table"]


def long_table(rows: int) -> str:
    return "Table 3: Pressures.\n\n| valve | bar |\n|---|---|\n" + "\n".join(
        f"| valve {n:04} | {n} |" for n in range(rows)
    )


def test_a_long_table_is_cut_between_rows_and_repeats_caption_and_header() -> None:
    text = long_table(60)
    tables = [span for span in spans(text, 300, 50) if span.kind == "table"]
    assert len(tables) > 3
    for span in tables[1:]:
        assert shown(text, span).startswith("Table 3: Pressures.\n\n| valve | bar |\n|---|---|\n| valve ")
        assert len(shown(text, span)) <= 300
    rows = [row for span in tables for row in re.findall(r"\| valve \d{4} \|", text[span.start : span.end])]
    assert rows == [f"| valve {n:04} |" for n in range(60)]


def test_rows_below_a_second_header_inside_a_table_get_that_one_repeated() -> None:
    upper = "\n".join(f"| A{n:02} | {n} | {n} |" for n in range(20))
    lower = "\n".join(f"| B{n:02} | {n} | {n} |" for n in range(20))
    text = f"| model | size | Java |\n|---|---|---|\n{upper}\n| model | size | Rust |\n{lower}"
    tables = [shown(text, span) for span in spans(text, 200, 30)]
    below = [table for table in tables if "| B" in table]
    assert len(below) > 1
    assert all(table.startswith("| model | size | Rust |\n|---|---|---|\n| B") for table in below)
    assert all(table.startswith("| model | size | Java |") for table in tables if "| A" in table)
    assert [row for table in tables for row in re.findall(r"\| ([AB]\d\d) ", table)] == [
        *(f"A{n:02}" for n in range(20)),
        *(f"B{n:02}" for n in range(20)),
    ]


def test_code_is_not_cut() -> None:
    code = "```\n" + "x = 1\n" * 30 + "```"
    text = "Words. " * 20 + "\n\n" + code + "\n\n" + "Words. " * 20
    assert sum(code in text[span.start : span.end] for span in spans(text, 250, 40)) == 1


def test_page_marks_are_not_shown_and_the_page_is_that_of_the_start() -> None:
    text = "<!-- page 4 -->\n\nOne.\n\n<!-- page 5 -->\n\nTwo."
    (span,) = spans(text, 300, 50)
    assert (span.page, shown(text, span)) == (4, "One.\n\nTwo.")


def test_a_sentence_longer_than_the_size_is_cut_between_words() -> None:
    text = "word " * 200
    assert all(text[span.start - 1 : span.start] in ("", " ") for span in spans(text.strip(), 200, 0))


WORDS = st.text(alphabet="ab .,\nZé|#-", min_size=1, max_size=120)
BLOCKS = st.one_of(
    WORDS,
    st.integers(1, 6).map(lambda level: "#" * level + " Head"),
    st.integers(1, 9).map(lambda page: f"<!-- page {page} -->"),
    st.integers(0, 12).map(lambda rows: "Table 1: Short.\n\n| a | b |\n|---|---|" + "\n| one | two |" * rows),
    st.integers(0, 12).map(lambda lines: "```\n" + "code line\n" * lines + "```"),
    st.integers(1, 9).map(lambda items: "- an item of a list\n" * items),
    st.integers(1, 30).map(lambda count: "Some sentence ends here. " * count),
)


@pytest.mark.parametrize(("size", "overlap"), [(40, 0), (40, 15), (120, 40), (60, 59)])
@settings(deadline=None)  # shared machines stall
@given(st.lists(BLOCKS, max_size=6).map("\n\n".join))
def test_spans_cover_all_text_and_are_no_longer_than_allowed(size: int, overlap: int, text: str) -> None:
    cuts = spans(text, size, overlap)
    marks = {i for block in blocks_of(text) if block.kind == "mark" for i in range(block.start, block.end)}
    needed = {i for i, character in enumerate(text) if not character.isspace()} - marks
    assert needed <= {i for span in cuts for i in range(span.start, span.end)}
    rows = max((len(line) for line in text.split("\n") if "|" in line), default=0)
    for span in cuts:
        is_one_row = span.kind == "table" and len(shown(text, span)) <= 3 * rows + 2
        assert len(shown(text, span)) <= size or is_one_row
    assert all(left.start < right.start for left, right in itertools.pairwise(cuts))
