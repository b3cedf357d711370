from collections.abc import Callable
from typing import Any

import pytest

from loresmith.domains.medmcqa import medmcqa
from loresmith.exchange.files import Portion
from tests.domains.conftest import questions, reasons

ROW = {
    "question": "Which vessel leaves the left ventricle?",
    **dict(zip(("opa", "opb", "opc", "opd"), ("Aorta", "Vena cava", "Portal vein", "Pulmonary vein"), strict=True)),
    "subject_name": "Anatomy",
    "choice_type": "single",
    "exp": "The aorta does.",
    "cop": 0,
}
Make = Callable[..., Portion]


def test_only_the_subjects_of_biology_are_kept(portion: Make) -> None:
    found = portion(ROW, {**ROW, "subject_name": "Surgery"})
    (kept,) = questions(medmcqa(found))
    assert (kept.answer, kept.topic, kept.evidence) == ("Aorta", "Anatomy", "The aorta does.")
    assert reasons(medmcqa(found)) == ["its subject is not biology"]


@pytest.mark.parametrize(
    ("numbers", "answers"),
    [
        ((0, 3), ["Aorta", "Pulmonary vein"]),
        ((1, 4), ["Aorta", "Pulmonary vein"]),
        ((1, 2), ["Vena cava", "Portal vein"]),
    ],
    ids=["from 0", "from 1", "as the Hub where the file does not tell"],
)
def test_the_right_option_is_counted_as_the_file_counts(
    portion: Make, numbers: tuple[int, int], answers: list[str]
) -> None:
    rows = [{**ROW, "question": f"Question {number}?", "cop": number} for number in numbers]
    assert [asked.answer for asked in questions(medmcqa(portion(*rows)))] == answers


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"choice_type": "multi"}, "more than one option may be right"),
        ({"cop": -1}, "a right option that is not there"),
        ({"opc": ""}, "a right option that is not there"),
    ],
)
def test_a_question_without_one_right_option_is_dropped(portion: Make, change: dict[str, Any], reason: str) -> None:
    assert reasons(medmcqa(portion({**ROW, **change}))) == [reason]
