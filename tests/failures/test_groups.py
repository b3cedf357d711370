import random

import pytest

from loresmith import statistics
from loresmith.failures.cases import Case
from loresmith.failures.groups import Group, groups
from tests.failures.asked import case


def place(number: int, name: str) -> dict[str, str]:
    return {"document": name, "source": f"{name}.md", "kind": ("number", "definition", "cell")[number % 3]}


def exam(weak_share: float, documents: int = 8, to_a_document: int = 15, seed: int = 1) -> list[Case]:
    """A fifth of the answers wrong everywhere, of the first document `weak_share`."""
    lot = random.Random(seed)
    made = []
    for number in range(documents * to_a_document):
        name = f"d{number % documents}"
        share = weak_share if name == "d0" else 0.2
        made.append(case(number, wrong=lot.random() < share, section=f"s{number % 2}", **place(number // 8, name)))
    return made


def of(found: list[Group], by: str, name: str) -> Group:
    return next(group for group in found if (group.by, group.name) == (by, name))


def test_a_document_that_is_worse_than_the_rest_comes_first_and_is_called_weak() -> None:
    first, *others = groups(exam(0.95))
    assert (first.by, first.name, first.is_weak, first.is_small) == ("document", "d0.md", True, True)
    assert first.wrong > 10
    assert first.n == 15
    assert first.rest is not None and first.rest.n == 105
    assert [group.name for group in others if group.is_weak] == []


def test_nothing_is_called_weak_where_all_are_alike() -> None:
    alarms = [any(group.is_weak for group in groups(exam(0.2, seed=seed))) for seed in range(60)]
    assert sum(alarms) <= 5  # 5 in 100 exams may say so by chance; 3 are expected here


def test_a_group_that_is_better_than_the_rest_is_not_called_weak() -> None:
    made = [case(i, wrong=i >= 20, document=f"d{i // 20}", source=f"d{i // 20}.md") for i in range(80)]
    best = of(groups(made), "document", "d0.md")
    assert best.p_holm is not None and best.p_holm < 0.001
    assert not best.is_weak


def test_p_values_are_adjusted_for_every_group_that_was_compared() -> None:
    found = groups(exam(0.95))
    compared = [group for group in found if group.difference is not None]
    least = min(statistics.p_of(group.difference) for group in compared if group.difference is not None)
    assert compared[0].p_holm == pytest.approx(least * len(compared), abs=1e-6)
    assert len(compared) == 11


def test_fewer_than_five_questions_are_counted_and_not_compared() -> None:
    made = [*exam(0.2), *(case(1000 + i, wrong=True, document="x", source="x.md") for i in range(4))]
    small = of(groups(made), "document", "x.md")
    assert (small.n, small.wrong, small.rest, small.p_holm, small.is_weak) == (4, 4, None, None, False)


def test_forms_are_counted_but_not_compared_since_choices_can_be_guessed() -> None:
    made = [*exam(0.2), *(case(500 + i, wrong=False, form="choice", options=("a", "4 bar")) for i in range(30))]
    short = of(groups(made), "form", "short")
    assert (short.n, short.difference, short.is_weak) == (120, None, False)


def test_a_kind_of_choices_alone_is_compared_with_choices_alone() -> None:
    choice = {"form": "choice", "options": ("a", "4 bar")}
    made = [case(i, wrong=True) for i in range(40)]
    made += [case(100 + i, wrong=i % 2 == 0, kind="truth", **choice) for i in range(20)]
    made += [case(200 + i, wrong=i % 2 == 0, kind="cell", **choice) for i in range(20)]
    truth = of(groups(made), "kind", "truth")
    assert truth.rest is not None
    assert (truth.rest.n, truth.rest.value) == (20, 0.5)


def test_exams_are_never_mixed() -> None:
    made = [
        *(case(i, wrong=False) for i in range(30)),
        *(case(100 + i, wrong=True, exam="transfer") for i in range(30)),
    ]
    assert not any(group.is_weak for group in groups(made))


def test_a_section_that_is_the_whole_of_its_document_is_no_second_look() -> None:
    made = [case(i, wrong=False, section="only", document=f"d{i % 2}", source=f"d{i % 2}.md") for i in range(20)]
    assert {group.by for group in groups(made)} == {"document"}


@pytest.mark.parametrize("shuffled", [1, 2])
def test_the_order_of_the_answers_changes_nothing(shuffled: int) -> None:
    made = exam(0.95)
    again = random.Random(shuffled).sample(made, len(made))
    assert [group.name for group in groups(again)] == [group.name for group in groups(made)]
