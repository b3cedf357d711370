from pathlib import Path

import pytest

from loresmith.errors import Unreadable
from loresmith.ingest.delimited import DelimitedReader, delimiter_of


def read(folder: Path, text: str, name: str = "table.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return DelimitedReader().read(path).markdown


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["Valve", "Note"], ["A-1", "opens, at; 4 bar"], ["A-2", "shut"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    markdown = read(tmp_path, text)
    assert markdown == "| Valve | Note |\n| --- | --- |\n| A-1 | opens, at; 4 bar |\n| A-2 | shut |\n"


def test_decimal_commas_do_not_win_over_semicolons() -> None:
    assert delimiter_of("a;b\n1,5;2,25\n3,5;4,125\n") == ";"


def test_a_tab_separated_file_may_hold_commas(tmp_path: Path) -> None:
    assert "| a,b | c |" in read(tmp_path, "a,b\tc\n1\t2\n", "table.tsv")


def test_a_first_row_of_numbers_is_no_header(tmp_path: Path) -> None:
    assert read(tmp_path, "1,x\n2,y\n3,z\n").startswith("| Column 1 | Column 2 |\n| --- | --- |\n| 1 | x |\n")


def test_a_line_break_in_quotes_stays_in_its_cell(tmp_path: Path) -> None:
    assert "| two lines | 1 |" in read(tmp_path, 'a,b\n"two\nlines",1\n')


def test_empty_rows_and_columns_are_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "a,,b\n,,\n1,,2\n") == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_a_bar_in_a_cell_does_not_part_it(tmp_path: Path) -> None:
    assert "| 1\\|2 | 3 |" in read(tmp_path, "a,b\n1|2,3\n")


def test_a_long_table_is_split_and_each_part_has_the_header(tmp_path: Path) -> None:
    markdown = read(tmp_path, "name,value\n" + "".join(f"n{i},{i}\n" for i in range(1001)))
    assert markdown.count("| name | value |\n| --- | --- |") == 3
    assert "Rows 501 to 1000 of 1001\n\n| name | value |\n| --- | --- |\n| n500 | 500 |" in markdown
    assert sum(line.startswith("| n") and "name" not in line for line in markdown.split("\n")) == 1001


def test_a_file_without_a_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no cell with text"):
        read(tmp_path, ",,\n,,\n")


def test_a_quote_without_an_end_does_not_swallow_the_rest(tmp_path: Path) -> None:
    markdown = read(tmp_path, 'Part,Size\nscrew,"5\nbolt,6\nnut,7\n')
    assert markdown == '| Part | Size |\n| --- | --- |\n| screw | "5 |\n| bolt | 6 |\n| nut | 7 |\n'


@pytest.mark.parametrize("sign", ["\u2028", "\x0c", "\x85"])
def test_only_line_breaks_end_a_row(tmp_path: Path, sign: str) -> None:
    rows = "".join(f"row {number},text\n" for number in range(100))  # enough for one control character
    assert read(tmp_path, f"a,b\n1{sign}2,3\n{rows}").split("\n")[2].endswith("2 | 3 |")
