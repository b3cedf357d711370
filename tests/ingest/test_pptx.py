import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from loresmith.errors import Unreadable
from loresmith.ingest.pptx import PptxReader
from loresmith.records import Reading

Fill = Callable[[Any], None]
BOX = (Inches(1), Inches(1), Inches(5), Inches(2))
TITLE_AND_CONTENT, TITLE_ONLY, BLANK = 1, 5, 6


def read(folder: Path, fill: Fill) -> Reading:
    presentation = pptx.Presentation()
    fill(presentation)
    presentation.save(str(folder / "talk.pptx"))
    return PptxReader().read(folder / "talk.pptx")


def slide(presentation: Any, layout: int, title: str = "") -> Any:
    made = presentation.slides.add_slide(presentation.slide_layouts[layout])
    if title:
        made.shapes.title.text = title
    return made


def test_each_slide_begins_with_its_mark_and_title(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        first = slide(presentation, 0, "On Valves")
        first.placeholders[1].text = "A talk"
        slide(presentation, BLANK)
        slide(presentation, TITLE_ONLY, "Method")

    reading = read(tmp_path, fill)
    assert reading.markdown == (
        "<!-- page 1 -->\n\n# On Valves\n\nA talk\n\n<!-- page 2 -->\n\n<!-- page 3 -->\n\n## Method\n"
    )
    assert (reading.pages, reading.title) == (3, "On Valves")


def test_the_body_of_a_slide_is_a_list_with_levels(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        frame = slide(presentation, TITLE_AND_CONTENT, "Parts").placeholders[1].text_frame
        frame.text = "spring"
        for text, level in [("steel", 1), ("seat", 0)]:
            paragraph = frame.add_paragraph()
            paragraph.text, paragraph.level = text, level

    assert read(tmp_path, fill).markdown.endswith("## Parts\n\n- spring\n    - steel\n- seat\n")


def test_a_text_box_is_a_paragraph(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        slide(presentation, BLANK).shapes.add_textbox(*BOX).text_frame.text = "Opens at\x0bfour bar."

    assert read(tmp_path, fill).markdown == "<!-- page 1 -->\n\nOpens at four bar.\n"


def test_shapes_in_groups_are_read(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        group = slide(presentation, BLANK).shapes.add_group_shape()
        group.shapes.add_textbox(*BOX).text_frame.text = "inside"

    assert "inside" in read(tmp_path, fill).markdown


def test_merged_cells_of_a_table_are_expanded(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        table = slide(presentation, BLANK).shapes.add_table(3, 3, *BOX).table
        for number in range(9):
            table.cell(number // 3, number % 3).text = f"c{number}"
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(1, 0).merge(table.cell(2, 0))

    assert read(tmp_path, fill).markdown.endswith(
        "| c0 | c1 c2 | c1 c2 |\n| --- | --- | --- |\n| c3 c6 | c4 | c5 |\n| c3 c6 | c7 | c8 |\n"
    )


def test_the_figures_behind_a_chart_are_a_table(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        figures = CategoryChartData()
        figures.categories = ["2023", "2024"]
        figures.add_series("Sold", (1, 2.5))
        slide(presentation, BLANK).shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, figures)

    assert "|  | Sold |\n| --- | --- |\n| 2023 | 1 |\n| 2024 | 2.5 |" in read(tmp_path, fill).markdown


def test_a_chart_that_is_not_understood_takes_nothing_else_from_the_slides(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        figures = CategoryChartData()
        figures.categories = ["2023"]
        figures.add_series("Sold", (1,))
        shapes = slide(presentation, TITLE_ONLY, "Sales").shapes
        chart = shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, figures).chart
        chart.chart_title.text_frame.text = "In three dimensions"
        plot = chart.plots[0]._element
        plot.tag = plot.tag.replace("barChart", "bar3DChart")
        lost = shapes.add_chart(XL_CHART_TYPE.PIE, *BOX, figures)
        lost._element.graphic.graphicData.chart.rId = "rId99"
        shapes.add_textbox(*BOX).text_frame.text = "Below."

    assert read(tmp_path, fill).markdown == "<!-- page 1 -->\n\n## Sales\n\nIn three dimensions\n\nBelow.\n"


def test_notes_stand_below_their_slide(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        slide(presentation, TITLE_ONLY, "One").notes_slide.notes_text_frame.text = "Say it slowly."
        slide(presentation, TITLE_ONLY, "Two")

    assert "## One\n\nNotes: Say it slowly.\n\n<!-- page 2 -->" in read(tmp_path, fill).markdown


def test_html_on_a_slide_is_shown_not_run(tmp_path: Path) -> None:
    def fill(presentation: Any) -> None:
        slide(presentation, BLANK).shapes.add_textbox(*BOX).text_frame.text = "<script>x()</script>"

    assert "`<script>`" in read(tmp_path, fill).markdown


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as fault:
        PptxReader().read(path)
    return fault.value.reason


def test_slides_without_text_are_refused(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide(presentation, BLANK)
    presentation.save(str(tmp_path / "empty.pptx"))
    assert refusal(tmp_path / "empty.pptx") == "no text on 1 slides"


def test_a_zip_that_is_no_presentation_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.pptx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(tmp_path / "bad.pptx") == "damaged, or no PPTX"


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.pptx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ppt/media/image1.png", bytes(30 << 20))
    assert "zip bomb" in refusal(tmp_path / "bad.pptx")
