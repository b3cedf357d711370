"""Quiz questions as files of other programs: CSV, Anki's text import, and Moodle's GIFT. Nothing is read back.

What a document says stays text in each: escaped in HTML for Anki, backslashed in GIFT, and in CSV no cell can begin a
formula.
"""

import csv
import html
import io
from collections.abc import Callable, Sequence
from typing import Literal

from loresmith.models.prompts import LETTERS
from loresmith.records import Question

Shape = Literal["csv", "anki", "gift"]
COLUMNS = ("id", "question", *(f"option_{letter}" for letter in LETTERS), "answer", "source", "page", "quote")
_GIFT_SIGNS = "\\~=#{}:"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def exported(questions: Sequence[Question], shape: Shape) -> str:
    """The questions as the text of one file."""
    writers: dict[Shape, Callable[[Sequence[Question]], str]] = {"csv": as_csv, "anki": as_anki, "gift": as_gift}
    return writers[shape](questions)


def as_csv(questions: Sequence[Question]) -> str:
    """A row for each question, with a header; the answer in words."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in questions:
        options = [*one.options, *[""] * (len(LETTERS) - len(one.options))]
        page = "" if one.page is None else str(one.page)
        cells = (one.id, one.question, *options, one.answer, one.source, page, _line(one.quote))
        writer.writerow([_no_formula(cell) for cell in cells])
    return text.getvalue()


def as_anki(questions: Sequence[Question]) -> str:
    """Notes for Anki: the question with its options in front, the answer with quote and source behind, a tag."""
    rows = ["#separator:tab", "#html:true", "#notetype:Basic", "#tags column:3"]
    for one in questions:
        options = "".join(
            f"<br>{letter}. {_escaped(option)}" for letter, option in zip(LETTERS, one.options, strict=False)
        )
        back = f"{_escaped(one.answer)}<br><i>{_escaped(one.quote)}</i><br>{_escaped(_place(one))}"
        tag = "loresmith::" + "_".join(one.source.split())
        rows.append("\t".join((_escaped(one.question) + options, back, _line(html.escape(tag)))))
    return "\n".join(rows) + "\n"


def as_gift(questions: Sequence[Question]) -> str:
    """Questions for Moodle: one right answer each, and quote and source as feedback."""
    return "\n\n".join(_gift(one) for one in questions) + "\n"


def _gift(one: Question) -> str:
    options = "\n".join(f"  {'=' if option == one.answer else '~'}{_slashed(option)}" for option in one.options)
    told = f"{_line(one.quote)} ({_place(one)})"
    return f"::{_slashed(one.id)}::[plain]{_slashed(one.question)} {{\n{options}\n  ####{_slashed(told)}\n}}"


def _slashed(text: str) -> str:
    return "".join(f"\\{sign}" if sign in _GIFT_SIGNS else sign for sign in _line(text))


def _escaped(text: str) -> str:
    return html.escape(_line(text))


def _line(text: str) -> str:
    return " ".join(text.split())


def _no_formula(cell: str) -> str:
    is_number = cell.lstrip("+-").replace(".", "", 1).replace(",", "").isdigit()
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) and not is_number else cell


def _place(one: Question) -> str:
    return one.source if one.page is None else f"{one.source}, page {one.page}"
