import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from loresmith.errors import Unreadable
from loresmith.ingest import xlsx
from loresmith.ingest.xlsx import XlsxReader

Fill = Callable[[Any], None]


def markdown(folder: Path, fill: Fill) -> str:
    workbook = openpyxl.Workbook()
    workbook.active.title = "Valves"
    fill(workbook.active)
    workbook.save(folder / "book.xlsx")
    return XlsxReader().read(folder / "book.xlsx").markdown


def test_a_sheet_is_a_heading_and_a_table(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Name", "Bar"])
        sheet.append(["A-1", 4.5])

    assert markdown(tmp_path, fill) == "## Valves\n\n| Name | Bar |\n| --- | --- |\n| A-1 | 4.5 |\n"


def test_every_visible_sheet_is_read(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["a", "b"])
        book = sheet.parent
        book.create_sheet("Second").append(["c", "d"])
        book.create_sheet("Empty")
        secret = book.create_sheet("Secret")
        secret.append(["e", "f"])
        secret.sheet_state = "hidden"

    text = markdown(tmp_path, fill)
    assert "## Second\n\n| c | d |" in text
    assert "Empty" not in text
    assert "Secret" not in text


def test_merged_cells_are_filled_and_a_merged_header_stands_above_its_columns(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for row in [["Model", "AIME", None], [None, "pass", "cons"], ["Base", 1, 2], [None, 3, 4]]:
            sheet.append(row)
        for span in ("A1:A2", "B1:C1", "A3:A4"):
            sheet.merge_cells(span)

    assert markdown(tmp_path, fill).endswith(
        "| Model | AIME pass | AIME cons |\n| --- | --- | --- |\n| Base | 1 | 2 |\n| Base | 3 | 4 |\n"
    )


def test_empty_edges_are_trimmed(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet["C5"], sheet["D5"], sheet["C6"], sheet["D6"] = "a", "b", 1, 2

    assert markdown(tmp_path, fill) == "## Valves\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_blocks_that_empty_rows_or_columns_part_are_tables_of_their_own(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = "Pressure of all valves"
        for place, value in {"A3": "x", "B3": "y", "A4": 1, "B4": 2, "E3": "u", "F3": "v", "E4": 3, "F4": 4}.items():
            sheet[place] = value

    assert markdown(tmp_path, fill) == (
        "## Valves\n\nPressure of all valves\n\n"
        "| x | y |\n| --- | --- |\n| 1 | 2 |\n\n| u | v |\n| --- | --- |\n| 3 | 4 |\n"
    )


def test_an_empty_row_inside_a_table_does_not_take_its_header_away(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for row in [["Name", "Bar"], ["A-1", 4], [], ["A-2", 5]]:
            sheet.append(row)

    assert markdown(tmp_path, fill).endswith("| Name | Bar |\n| --- | --- |\n| A-1 | 4 |\n| A-2 | 5 |\n")


@pytest.mark.parametrize(
    ("value", "shape", "shown"),
    [
        (date(2024, 5, 1), "yyyy-mm-dd", "2024-05-01"),
        (date(2024, 5, 1), "d mmm yyyy", "1 May 2024"),
        (datetime(2024, 5, 1, 14, 5), "dd/mm/yy h:mm AM/PM", "01/05/24 2:05 PM"),
        (0.256, "0.0%", "25.6%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (-5, '"$"#,##0;("$"#,##0)', "($5)"),
        (12.5, "[$€-407] 0.00", "€ 12.50"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (True, "General", "TRUE"),
        (4, '0" bar"', "4 bar"),
        (1.5, "0.##", "1.5"),
        (1234567, '#,##0,"K"', "1,235K"),
        (1234567, '0.0,,"M"', "1.2M"),
        (1500, '[>=1000]#,##0.0,"k";0', "1500"),
        (2.5, "0", "3"),
        (-0.125, "0.00", "-0.13"),
        (1.005, "0.00", "1.01"),
        (1e300, "0", "1" + "0" * 300),
        (12.5, "0." + "0" * 40, "12.5" + "0" * 29),
    ],
)
def test_values_are_written_as_the_sheet_shows_them(tmp_path: Path, value: Any, shape: str, shown: str) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Name", "Value"])
        sheet.append(["x", value])
        sheet["B2"].number_format = shape

    assert markdown(tmp_path, fill).endswith(f"| x | {shown} |\n")


def test_a_formula_is_not_computed(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["a", "b"])
        sheet.append(["x", "=1+1"])

    assert markdown(tmp_path, fill).endswith("| a | b |\n| --- | --- |\n| x |  |\n")


def test_a_very_long_sheet_is_cut_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_MOST_ROWS", 3)
    text = markdown(tmp_path, lambda sheet: [sheet.append([f"n{i}", i]) for i in range(9)] and None)
    assert "| n2 | 2 |" in text
    assert "n3" not in text
    assert text.endswith("Cut: the sheet goes on after 3 rows and 500 columns.\n")


def test_a_large_workbook_is_streamed_and_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Name", "Bar"])
        sheet.append(["A-1", 4.5])

    whole = markdown(tmp_path, fill)
    monkeypatch.setattr(xlsx, "_LARGEST_IN_MEMORY", 0)
    assert markdown(tmp_path, fill) == whole


def test_a_styled_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"], sheet["B1"] = "a", "b"
        sheet["XFD1048576"].font = Font(bold=True)
        sheet["SF200000"].font = Font(bold=True)

    started = time.process_time()
    assert "| a | b |" in markdown(tmp_path, fill)
    assert time.process_time() - started < 5  # a hundred million cells took minutes


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as fault:
        XlsxReader().read(path)
    return fault.value.reason


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "damaged" in refusal(tmp_path / "bad.xlsx")
    (tmp_path / "worse.xlsx").write_bytes(b"PK\x03\x04 and no more")
    assert refusal(tmp_path / "worse.xlsx") == "damaged, or no XLSX"


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "good.xlsx")
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for part in good.infolist():
            laughs = b'<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
            bad.writestr(part.filename, laughs if part.filename == "xl/workbook.xml" else good.read(part))
    assert "XML entities" in refusal(tmp_path / "bad.xlsx")


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    assert refusal(tmp_path / "empty.xlsx") == "no cell with a value"
