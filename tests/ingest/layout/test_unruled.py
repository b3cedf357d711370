"""Tables that nothing but white space shows, and what looks like one and is none."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from loresmith.ingest.layout.reading import layout_of

WritePdf = Callable[..., Path]
Grid = list[list[str]]
Tables = Callable[[str], list[Grid]]


def rows(first: int, *lines: str, columns: tuple[int, ...] = (80, 300, 400), step: int = 13) -> str:
    """Lines of cells, parted by `|`, at the given columns; an empty cell draws nothing."""
    return "\n".join(
        f"{x} {first + step * number} 10 regular {cell.strip()}"
        for number, line in enumerate(lines)
        for x, cell in zip(columns, line.split("|"), strict=False)
        if cell.strip()
    )


STATEMENT = rows(
    130, "Net sales|3,226|2,729", "Cost of sales|2,014|1,702", "Gross profit|1,212|1,027", "Other costs|(43)|47"
)
PROSE = "\n".join(
    f"80 {60 + 12 * line} 10 regular The year brought sales of 3,226 and a profit of 1,212 in all of the stores"
    for line in range(4)
)


def test_aligned_figures_below_a_header_are_a_table(tables: Tables) -> None:
    (grid,) = tables(f"{PROSE}\n{rows(117, '|2023|2022')}\n{STATEMENT}")
    assert grid[0] == ["", "2023", "2022"]
    assert grid[1] == ["Net sales", "3,226", "2,729"]
    assert grid[4] == ["Other costs", "(43)", "47"]


def test_prose_beside_the_table_stays_prose(write_pdf: WritePdf) -> None:
    with pdfium.PdfDocument(write_pdf(f"{PROSE}\n{rows(117, '|2023|2022')}\n{STATEMENT}")) as document:
        kinds = [block.kind for block in layout_of(document).blocks]
    assert kinds == ["paragraph", "table"]


def test_signs_belong_to_their_figure(tables: Tables) -> None:
    wide = (80, 280, 300, 345, 380, 400)
    body = rows(130, "Sales|$|3,226||$|2,729", "Margin||37.6|%||35.1", "Loss||(43)|||(47)", columns=wide)
    body = body.replace("345 143 ", "322 143 ")
    (grid,) = tables(f"{rows(117, '|2023|2022')}\n{body}")
    assert grid[1:] == [["Sales", "$3,226", "$2,729"], ["Margin", "37.6%", "35.1"], ["Loss", "(43)", "(47)"]]


def test_a_dash_at_the_edge_of_a_column_stays_in_it(tables: Tables) -> None:
    body = rows(130, "Shares|22|23", "Options||25", "Total|22|48") + "\n325 143 10 regular -"
    (grid,) = tables(f"{rows(117, '|2023|2022')}\n{body}")
    assert grid[2] == ["Options", "-", "25"]


def test_titles_of_sections_stand_in_the_first_column(tables: Tables) -> None:
    body = rows(130, "Assets", "Cash|1,093|1,874", "Receivables|856|1,141", "Debts", "Loans|704|647")
    (grid,) = tables(f"{rows(117, '|2023|2022')}\n{body}")
    assert [row[0] for row in grid] == ["", "Assets", "Cash", "Receivables", "Debts", "Loans"]
    assert grid[1] == ["Assets", "", ""]


def test_a_label_over_two_lines_is_one(tables: Tables) -> None:
    body = rows(130, "Cash|1,093|1,874", "Loss before tax", "and interest|856|1,141", "Loans|704|647")
    (grid,) = tables(f"{rows(117, '|2023|2022')}\n{body}")
    assert grid[2] == ["Loss before tax and interest", "856", "1,141"]


def test_a_title_with_a_rule_reaches_over_its_columns(tables: Tables) -> None:
    head = f"320 104 10 regular Weeks Ended\nrule 295 430 107\n{rows(117, '|July 2023|July 2022')}"
    (grid,) = tables(f"{head}\n{STATEMENT}")
    assert grid[0] == ["", "Weeks Ended July 2023", "Weeks Ended July 2022"]


def test_rules_over_the_figures_alone_make_no_table_without_labels(tables: Tables) -> None:
    rules = "\n".join(f"rule 280 440 {y}" for y in (107, 120, 146, 159, 172))
    (grid,) = tables(f"{rows(117, '|2023|2022')}\n{STATEMENT}\n{rules}")
    assert grid[0] == ["", "2023", "2022"]
    assert grid[1] == ["Net sales", "3,226", "2,729"]


def test_a_row_that_stands_off_the_columns_is_no_header(tables: Tables) -> None:
    (grid,) = tables(f"{rows(117, 'Stores|12|14', columns=(80, 345, 450))}\n{STATEMENT}")
    assert grid[0] == ["", "", ""]


def test_the_end_of_a_caption_is_no_header(tables: Tables) -> None:
    caption = "80 91 10 regular Table 1:\n290 91 10 regular Sales of all the\n290 104 10 regular stores in 2023"
    (grid,) = tables(f"{caption}\n{rows(117, '|2023|2022')}\n{STATEMENT}")
    assert grid[0] == ["", "2023", "2022"]


def test_sums_of_a_receipt_are_a_table_without_header(tables: Tables) -> None:
    (grid,) = tables(rows(130, "Cable|$24.99", "Mouse|$59.99", "Tax|$6.20", "Total|$91.18"))
    assert grid[0] == ["", ""]
    assert grid[4] == ["Total", "$91.18"]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(rows(117, "|Page", "Preface|3", "Methods|7", "Results|12", "Closing|19"), id="a list of contents"),
        pytest.param(rows(130, "low|0.2|10", "more|0.4|20", "much|0.6|30", "most|0.8|40"), id="the axes of plots"),
        pytest.param(rows(130, "0.2|3.1|4.2", "0.7|0.4|9.4", "0.6|8.6|0.6"), id="figures without labels"),
        pytest.param(rows(130, "Doors|4", "Windows|12", "Rooms|7", "Floors|2"), id="counts without a header"),
        pytest.param(rows(130, "x = a|(1)", "y = b|(2)", "z = c|(3)", "w = d|(4)"), id="numbered equations"),
        pytest.param(rows(130, "x = a|3.1|4.2", "y = b|0.7|9.4", "z = c|8.6|0.6"), id="formulas beside figures"),
        pytest.param(
            rows(130, "Jane Doe|John Roe|12", "Street 5|Lane 8|Lab 2", "Oslo 0150|Rome 0010|Bonn", "x|y|z"),
            id="addresses",
        ),
        pytest.param(
            rows(130, *(f"[{n}] A. Author. A title of a work.|12 more words of prose in 2023" for n in range(5))),
            id="references in two columns",
        ),
        pytest.param(rows(130, "for i in range(3):|# 1", "    total += i|# 2", "print(total)|# 3"), id="code"),
        pytest.param(rows(130, "1.|Open the valve", "2.|Wait", "3.|Close the valve", "4.|Go"), id="steps"),
    ],
)
def test_no_table_is_made_of(page: str, tables: Tables) -> None:
    assert tables(page) == []
