"""Dates in the forms in which people write them."""

import pytest

from loresmith.scoring import reading
from loresmith.scoring.dates import Date, date, whole
from loresmith.scoring.reading import Reading


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-03-05", Date(2021, 3, 5)),
        ("5 March 2021", Date(2021, 3, 5)),
        ("March 5, 2021", Date(2021, 3, 5)),
        ("March 5th, 2021", Date(2021, 3, 5)),
        ("the 5th of March 2021", Date(2021, 3, 5)),
        ("5-Mar-2021", Date(2021, 3, 5)),
        ("05.03.2021", Date(2021, 3, 5)),
        ("13/5/2021", Date(2021, 5, 13)),
        ("5/13/2021", Date(2021, 5, 13)),
        ("5/5/2021", Date(2021, 5, 5)),
        ("2021/03/05", Date(2021, 3, 5)),
        ("20210305", Date(2021, 3, 5)),
        ("2021-03-05T10:00:00Z", Date(2021, 3, 5)),
        ("Friday, March 5, 2021", Date(2021, 3, 5)),
        ("It was on March 5, 2021.", Date(2021, 3, 5)),
        ("The answer is 5 March 2021.", Date(2021, 3, 5)),
        ("2021", Date(2021, None, None)),
        ("March 2021", Date(2021, 3, None)),
        ("Sept. 5, 2021", Date(2021, 9, 5)),
        ("5 March", Date(None, 3, 5)),
        ("March 5", Date(None, 3, 5)),
        ("May 2021", Date(2021, 5, None)),
        ("\\boxed{2021}", Date(2021, None, None)),
        ("It began in 2021, on 5 March 2021.", Date(2021, 3, 5)),
        ("5 Mar. 2021", Date(2021, 3, 5)),
        ("**March 5, 2021**", Date(2021, 3, 5)),
        ("2019. No, wait, 2021.", Date(2021, None, None)),
    ],
)
def test_a_date_is_read_in_any_usual_form(text: str, day: Date) -> None:
    assert date(text) == Reading(day)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3/5/2021", reading.DAY_OR_MONTH),
        ("In 2019 or 2020", reading.SEVERAL),
        ("31 February 2021", reading.NO_DATE),
        ("soon", reading.NO_DATE),
        ("N/A", reading.DECLINED),
    ],
)
def test_where_no_single_date_is_said_the_reason_is_named(text: str, reason: str) -> None:
    assert date(text) == Reading(reason=reason)


def test_a_date_says_what_is_wanted_only_if_it_is_as_precise() -> None:
    assert Date(2021, 3, 5).says(Date(2021))
    assert not Date(2021).says(Date(2021, 3))
    assert not Date(2021, 3, 5).says(Date(2021, 3, 6))


@pytest.mark.parametrize(
    ("text", "is_date"), [("5 March 2021", True), ("on 5 March 2021.", True), ("2021 models", False)]
)
def test_only_a_text_that_is_nothing_else_is_a_date_as_a_whole(text: str, is_date: bool) -> None:
    assert (whole(text) is not None) == is_date
