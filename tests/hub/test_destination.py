import pytest

from loresmith.errors import UserError
from loresmith.hub.destination import Destination


@pytest.mark.parametrize("name", ["me/pumps", "A_b/c.d-e", "1/2"])
def test_an_owner_and_a_name_are_taken(name: str) -> None:
    Destination(name, "model").require_sound()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("pumps", "OWNER/NAME"),
        ("datasets/me/pumps", "OWNER/NAME"),
        ("me/", "begin nor end"),
        ("me/-pumps", "begin nor end"),
        ("me/pümps", "letters, digits"),
        ("me/a b", "letters, digits"),
        ("me/pumps\n", "letters, digits"),
        ("me/a--b", "not allowed"),
        ("me/a..b", "not allowed"),
        ("me/a.git", "not allowed"),
        ("me/" + "a" * 94, "more than 96"),
    ],
)
def test_what_cannot_be_a_name_is_refused_with_the_rule_it_breaks(name: str, why: str) -> None:
    with pytest.raises(UserError, match="is no name of a repository") as caught:
        Destination(name, "model").require_sound()
    assert why in caught.value.problem


def test_our_rules_for_names_are_those_of_the_hubs_client() -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    for name in ("me/pumps", "A_b/c.d-e", "me/-x", "me/x-", ".me/x", "me/x.git", "m--e/x", "me/" + "a" * 93, "_/x"):
        try:
            validate_repo_id(name)
        except HFValidationError:
            with pytest.raises(UserError):
                Destination(name, "model").require_sound()
        else:
            Destination(name, "model").require_sound()


def test_a_branch_without_a_name_is_refused() -> None:
    with pytest.raises(UserError, match="The branch has no name"):
        Destination("me/pumps", "dataset", branch=" ").require_sound()
