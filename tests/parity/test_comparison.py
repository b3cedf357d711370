from typing import Any

import pytest

from loresmith.parity import comparison
from loresmith.parity.comparison import ParityResults
from loresmith.parity.paper import Asked
from loresmith.parity.sitting import ARMS, Sat
from loresmith.recipe import ExportConfig
from loresmith.records import Form, Question


def asked(name: str, form: Form) -> Asked:
    return Asked("recall", Question(
        id=name, fact=name, document="d", source="d.md", page=None, chunk="c", quote="q", kind="number", form=form,
        wording=0, question="?", answer="Four bar", options=("Four bar", "two") if form == "choice" else (),
    ))  # fmt: skip


def sat(given: str = "four bar.", **changes: Any) -> Sat:
    fields = {"prompt": (1, 2), "grounded": (1, 9, 2), "reply": (3, 4), "given": given, "stopped": True}
    return Sat.model_validate(fields | changes)


def held(choices: int = 40, shorts: int = 10, **wrong: dict[int, Sat]) -> ParityResults:
    """An exam in which everyone agrees, but for the answers in `wrong` (model to place to answer)."""
    papers = [asked(f"c{n}", "choice") for n in range(choices)] + [asked(f"s{n}", "short") for n in range(shorts)]
    answers = {arm: [sat("Four bar", stopped=None)] * choices + [sat()] * shorts for arm in ARMS}
    for arm, changes in wrong.items():
        answers[arm] = [changes.get(place, answer) for place, answer in enumerate(answers[arm])]
    return comparison.results(comparison.rows(papers, answers), ExportConfig())


def test_models_that_agree_on_everything_pass() -> None:
    found = held()
    assert found.passed
    assert found.agreement["choice"]["merged-gguf"].same == 40
    assert found.accuracy["short"]["gguf"].same == 10  # case and a final stop do not matter


@pytest.mark.parametrize("field", ["prompt", "grounded", "reply"])
def test_one_other_token_anywhere_blocks_publishing(field: str) -> None:
    found = held(gguf={3: sat("Four bar", stopped=None, **{field: (1, 2, 5)})})
    assert not found.passed
    assert any("token ids" in reason and "1 of 50" in reason for reason in found.reasons)


@pytest.mark.parametrize(("others", "passed"), [(2, True), (3, False)])
def test_the_file_must_choose_as_the_merged_model_on_95_of_100(others: int, passed: bool) -> None:
    found = held(gguf={place: sat("two", stopped=None) for place in range(others)})
    assert found.passed is passed
    share = found.agreement["choice"]["merged-gguf"]
    assert (share.same, share.n) == (40 - others, 40)
    assert share.estimate is not None
    assert share.estimate.low < share.estimate.value < share.estimate.high


def test_a_merge_that_changes_the_answers_blocks_publishing_too() -> None:
    wrong = {place: sat("two", stopped=None) for place in range(5)}
    assert any("merged model and adapter" in reason for reason in held(merged=wrong, gguf=wrong).reasons)


def test_answers_that_do_not_stop_block_publishing() -> None:
    found = held(gguf={place: sat(stopped=False) for place in range(40, 45)})
    assert not found.passed
    assert found.stops.same == 5


def test_a_file_that_is_clearly_less_accurate_is_blocked_though_it_stops_and_chooses_alike() -> None:
    found = held(gguf={place: sat("two bar") for place in range(40, 50)})
    assert any("McNemar" in reason for reason in found.reasons)


def test_without_choices_there_is_nothing_to_compare_and_nothing_passes() -> None:
    found = held(choices=0)
    assert not found.passed
    assert found.agreement["choice"]["merged-gguf"].estimate is None


def test_questions_without_sources_are_left_out_of_the_grounded_count() -> None:
    bare = {0: sat("Four bar", stopped=None, grounded=())}
    assert held(adapter=bare, merged=bare, gguf=bare).grounded.n == 49
