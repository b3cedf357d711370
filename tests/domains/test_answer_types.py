import pytest

from loresmith.domains.answer_types import ANSWER_TYPES, answer_type


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("True", "yes or no"),
        ("1769", "year or date"),
        ("44 BC", "year or date"),
        ("5 April 2031", "year or date"),
        ("1914–1918", "year or date"),
        ("7", "number"),
        ("12.5 %", "number"),
        ("3.6 meters", "number"),
        ("CWE-787 (Out-of-bounds Write)", "identifier"),
        ("the heart", "name or phrase"),
        ("It pumps the blood through all of the body.", "sentence"),
        ("word " * 31, "paragraph"),
    ],
)
def test_an_answer_is_typed_by_its_form(answer: str, kind: str) -> None:
    assert answer_type(answer) == kind
    assert kind in ANSWER_TYPES
