from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loresmith.domains.gathering import DUPLICATE, Pool, gather, key
from loresmith.domains.places import Place
from loresmith.domains.question import DomainQuestion
from loresmith.domains.table import SOURCES
from loresmith.errors import LoresmithError
from loresmith.progress import finish
from loresmith.recipe import PrepareConfig

WriteLines = Callable[..., Path]


def test_a_question_in_other_case_and_signs_is_dropped_as_a_duplicate_across_places(
    lines: WriteLines, sciq_rows: list[dict[str, Any]]
) -> None:
    seen: set[str] = set()
    first = Place(SOURCES["sciq"], lines("one/train.jsonl", sciq_rows[:20]))
    again = {**sciq_rows[3], "question": sciq_rows[3]["question"].upper().replace("?", " ?")}
    second = Place(SOURCES["sciq"], lines("two/train.jsonl", [again, sciq_rows[30], {"question": ""}]))
    assert len(finish(gather(first, PrepareConfig(), seen)).kept) == 20
    pool = finish(gather(second, PrepareConfig(), seen))
    assert (pool.read, len(pool.kept)) == (3, 1)
    assert pool.reasons == {DUPLICATE: 1, "an empty question": 1}
    assert pool.notes == {"the row has no supporting text": 1}


def test_counts_that_do_not_balance_are_noticed() -> None:
    pool = Pool(Place(SOURCES["sciq"], Path("x")), read=1)
    with pytest.raises(LoresmithError, match="1 read, 0 kept, 0 dropped"):
        pool.require_balance()


def test_a_question_is_the_same_only_with_what_it_needs_to_be_understood() -> None:
    def asked(**parts: Any) -> DomainQuestion:
        return DomainQuestion(**{"place": "", "question": "Which came first?", "answer": "a", **parts})

    first = asked(options=("a", "b"), needs="options")
    assert key(first) == key(asked(options=("b", "A"), needs="options"))
    assert key(first) != key(asked(options=("a", "c"), needs="options"))
    assert key(asked(options=("a", "b"))) == key(asked(options=("a", "c")))
    assert key(asked(evidence="x", needs="evidence")) != key(asked(evidence="y", needs="evidence"))


def test_progress_names_the_place(lines: WriteLines, sciq_rows: list[dict[str, Any]]) -> None:
    steps = []
    place = Place(SOURCES["sciq"], lines("train.jsonl", sciq_rows))
    finish(gather(place, PrepareConfig(), set()), steps.append)
    assert steps[0].note == f"sciq: {place.shown}"
