from pathlib import Path

import pytest

from loresmith.domains.hub import HubDataset
from loresmith.domains.places import places, weights
from loresmith.errors import UserError


def test_a_domain_weighs_1_beside_the_mix() -> None:
    assert weights("replay=0.2, history=1", "biology") == {"biology": 1.0, "replay": 0.2, "history": 1.0}
    assert weights("biology=2", "biology") == {"biology": 2.0}


@pytest.mark.parametrize(
    ("mix", "domain", "problem"),
    [
        (None, None, "No domain is asked for"),
        (None, "botany", "no domain 'botany'"),
        (None, "replay", "no domain 'replay'"),
        ("botany=1", None, "no domain 'botany'"),
        ("biology", None, "the weight of biology is missing"),
        ("biology=0", None, "the weight of biology is 0"),
        ("biology=many", None, "the weight of biology is many"),
        ("biology=inf", None, "the weight of biology is inf"),
        ("biology=nan", None, "the weight of biology is nan"),
        ("biology=1,biology=2", None, "names biology twice"),
    ],
)
def test_a_mix_that_cannot_be_made_is_one_clear_error(mix: str | None, domain: str | None, problem: str) -> None:
    with pytest.raises(UserError) as fault:
        weights(mix, domain)
    assert problem in fault.value.problem
    assert "biology" in fault.value.next_step or "one weight" in fault.value.next_step


def test_a_domain_is_read_from_what_is_named_alone_and_the_others_from_the_hub(tmp_path: Path) -> None:
    found = places(["history", "biology"], [f"timeline={tmp_path}"])
    assert [(place.source.name, place.shown) for place in found] == [
        ("sciq", "allenai/sciq"),
        ("medmcqa", "openlifescienceai/medmcqa"),
        ("timeline", str(tmp_path)),
    ]


def test_the_hub_is_named_for_a_source_or_for_another_dataset_of_its_shape() -> None:
    known, again, other = places(["biology"], ["sciq=hub", "sciq=hub:allenai/sciq", "sciq=hub:org/cells:plain"])
    assert (known.at, known.license) == (HubDataset("allenai/sciq"), "cc-by-nc-3.0")
    assert (again.at, again.license) == (known.at, known.license)
    assert (other.at, other.license) == (HubDataset("org/cells", "plain"), "unknown")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("sciq", "names no place"),
        ("sciq=", "names no place"),
        ("quiz=x", "no source 'quiz'"),
        ("mmlu=x", "mmlu is for exams alone"),
        ("timeline=hub", "belongs to history"),
        ("sciq=nowhere", "nothing at nowhere"),
        ("biology-rows=hub", "The Hub has no dataset for biology-rows"),
        ("biology-documents=hub:org/x", "is not read from the Hub"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_clear_error(given: str, problem: str) -> None:
    with pytest.raises(UserError) as fault:
        places(["biology"], [given])
    assert problem in fault.value.problem


def test_what_is_passed_on_does_not_name_the_folders_of_this_machine(tmp_path: Path) -> None:
    (place,) = places(["biology"], [f"sciq={tmp_path}"])
    assert (place.shown, place.named) == (str(tmp_path), tmp_path.name)
