"""Plots are told from tables and boxes of text by their paths and their words."""

from loresmith.ingest.layout.figures import figure_words, plots_of
from loresmith.ingest.layout.page import Box, Page, Rule, Upright, Word

BARS = [Box(100 + 20 * number, 300 - 10 * number, 112 + 20 * number, 400) for number in range(8)]
AXES = [Rule(90, 280, 400), Rule(90, 280, 350), Rule(90, 280, 300), Rule(90, 280, 250)]


def page(shapes: list[Box], strokes: list[Rule]) -> Page:
    return Page(1, 612, 792, [], strokes, strokes, [Upright(90, 240, 400)], shapes)


def word(text: str, x: float, y: float) -> Word:
    return Word(text, x, x + 5 * len(text), y - 6, y, y, 8, False, False, "Times")


LABELS = [word(f"{10 * number + 3}", 100 + 20 * number, 296 - 10 * number) for number in range(8)]
AXIS = [word("accuracy", 150, 398), word("75", 92, 350)]
PROSE = [word("Below", 90, 450), word("it", 130, 450), word("12", 145, 450)]


def test_numbers_on_bars_belong_to_the_plot_and_prose_below_it_does_not() -> None:
    words = [*LABELS, *AXIS, *PROSE]
    assert figure_words(page(BARS, AXES), words) == set(range(len(LABELS) + len(AXIS)))


def test_straight_lines_alone_are_no_plot() -> None:
    lines = [Rule(90, 280, 200 + 10 * number) for number in range(20)]
    assert plots_of(page([], lines)) == []


def test_a_few_paths_are_no_plot() -> None:
    assert plots_of(page(BARS[:6], AXES[:1])) == []


def test_paths_far_from_each_other_are_no_plot() -> None:
    spread = [Box(50 + 60 * (n % 8), 60 + 120 * (n // 8), 60 + 60 * (n % 8), 70 + 120 * (n // 8)) for n in range(40)]
    assert plots_of(page(spread, [])) == []


def test_a_shaded_table_keeps_its_words() -> None:
    rows = [
        each
        for number in range(8)
        for each in (
            word("Revenue", 100, 250 + 18 * number),
            word("4,250", 180, 250 + 18 * number),
            word("3", 230, 250 + 18 * number),
        )
    ]
    assert figure_words(page(BARS, AXES), rows) == set()


def test_a_box_of_text_keeps_its_words() -> None:
    text = [word(each, 100 + 30 * place, 300) for place, each in enumerate(["the", "prompt", "asks", "for", "steps"])]
    assert figure_words(page(BARS, AXES), text) == set()
