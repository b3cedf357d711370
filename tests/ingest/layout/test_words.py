from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from loresmith.ingest.layout.accents import composed, overlap
from loresmith.ingest.layout.lines import lines_of, text_of
from loresmith.ingest.layout.page import Word
from loresmith.ingest.layout.scripts import with_scripts_attached
from loresmith.ingest.layout.turning import Turn
from loresmith.ingest.layout.words import page_words

WritePdf = Callable[..., Path]
Words = Callable[[str], list[Word]]


@pytest.fixture
def words(write_pdf: WritePdf) -> Words:
    def read(page: str) -> list[Word]:
        with pdfium.PdfDocument(write_pdf(page)) as document:
            return page_words(document[0], Turn(0, 612, 792))

    return read


def test_spaces_part_words(words: Words) -> None:
    assert [word.text for word in words("72 100 11 regular Three words here")] == ["Three", "words", "here"]


def test_a_gap_without_a_space_parts_words(words: Words) -> None:
    assert [word.text for word in words("72 100 11 regular left\n120 100 11 regular right")] == ["left", "right"]


def test_letters_drawn_one_by_one_are_one_word(words: Words) -> None:
    page = "72 100 10 regular 1\n77 100 10 regular 1\n82 100 10 regular ,\n84.5 100 10 regular 5"
    assert [word.text for word in words(page)] == ["11,5"]


def test_an_address_in_fixed_pitch_is_one_word(words: Words) -> None:
    spread = "\n".join(f"{72 + 6 * i} 100 10 fixed {letter}" for i, letter in enumerate("a.b@c.com"))
    assert [word.text for word in words(spread)] == ["a.b@c.com"]


def test_size_and_face_are_known(words: Words) -> None:
    (word,) = words("72 100 14 bold Title")
    assert (word.bold, word.italic, word.font) == (True, False, "Times-Bold")
    assert word.size == pytest.approx(14)
    assert word.baseline == pytest.approx(100)


def test_an_exponent_is_no_part_of_its_number(words: Words) -> None:
    found = with_scripts_attached(words("72 100 10 regular 10\n82.2 96 7 regular 20\n95 100 10 regular tokens"))
    assert [text_of(line) for line in lines_of(found)] == ["10^20 tokens"]


def test_the_mark_of_a_note_does_not_change_its_word(words: Words) -> None:
    found = with_scripts_attached(words("72 100 10 regular gradients\n110.3 96 7 regular 4"))
    assert [text_of(line) for line in lines_of(found)] == ["gradients^4"]


def test_small_capitals_are_one_word(words: Words) -> None:
    (line,) = lines_of(words("72 100 14 regular R\n82 100 11 regular ESULTS"))
    assert text_of(line) == "RESULTS"


@pytest.mark.parametrize(
    ("letter", "accent", "whole"), [("a", "´", "á"), ("ı", "ˆ", "î"), ("n", "˜", "ñ"), ("b", "¸", None)]
)
def test_an_accent_is_put_on_its_letter(letter: str, accent: str, whole: str | None) -> None:
    assert composed(letter, accent) == whole


def test_an_accent_drawn_after_its_line_finds_its_letter(words: Words) -> None:
    page = "72 100 10 regular Almazan\n115 100 10 regular et\n99.2 100 10 regular ´\n130 100 10 regular al."
    assert [word.text for word in words(page)] == ["Almazán", "et", "al."]


def test_an_accent_over_no_letter_is_left_where_it_is(words: Words) -> None:
    assert next(word.text for word in words("72 100 10 regular as\n99.2 100 10 regular ´")) == "as"


def test_an_interval_inside_another_is_wholly_covered() -> None:
    assert overlap((0, 10), (2, 4)) == 1.0
    assert overlap((0, 1), (2, 4)) == 0.0
