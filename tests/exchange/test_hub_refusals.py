from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection
from tests.hub.pushing import Done, run
from tests.hub.server import Hub, served


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served() as standing:
        yield standing


@pytest.fixture
def push(tmp_path: Path, hub: Hub, plain: Dialogue) -> Any:
    """`push(repository, *flags, endpoint=..., **environment)`: one small folder."""
    folder = tmp_path / "pumps"
    hand_over(Collection({"train": [plain]}, (), ()), target_named("messages"), folder, Label("Made.", "mit"))

    def pushed(repository: str, *flags: str, endpoint: str = "", **environment: Any) -> Done:
        words = ("dataset", "push", folder, repository, *flags)
        return run(tmp_path / "home", endpoint or hub.endpoint, *words, **environment)

    return pushed


def told(done: Done) -> str:
    """The message of a refusal: one problem, one step, exit code 2, no traceback."""
    problem, next_step = done.err.partition("error: ")[2].rstrip().split("\n")
    assert next_step.startswith("→ ")
    assert (done.code, done.out) == (2, "")
    return f"{problem} {next_step}"


def test_no_token_and_a_token_that_is_none_are_told_before_the_hub_is_asked(push: Any, hub: Hub) -> None:
    assert "There is no token for the Hub. → Run `hf auth login`, or set HF_TOKEN" in told(push("me/x", token=None))
    assert "characters that no token has" in told(push("me/x", token="hf_täuschung"))
    assert hub.asked == []


def test_a_token_that_the_hub_does_not_know(push: Any, hub: Hub) -> None:
    refused = push("me/x", token="hf_" + "wrong" * 6)
    assert "The Hub does not accept the token." in told(refused)
    assert "wrong" * 6 not in refused.said
    assert hub.repositories == {}


def test_an_owner_under_whom_the_token_may_not_write(push: Any, hub: Hub) -> None:
    message = told(push("strangers/x"))
    assert "The token may not write to strangers/x. It says: You don't have the rights" in message
    assert "settings/tokens" in message


def test_a_missing_repository_or_branch_is_not_made_with_no_create(push: Any, hub: Hub) -> None:
    assert "There is no dataset me/x on the Hub" in told(push("me/x", "--no-create"))
    assert hub.repositories == {}
    hub.made("me/x")
    assert "me/x has no branch 'v2'. → Leave out --no-create" in told(push("me/x", "--no-create", "--branch", "v2"))
    assert list(hub.repositories["me/x"].branches) == ["main"]


@pytest.mark.parametrize("status", [409, 412])
def test_a_commit_of_somebody_else_in_between(push: Any, hub: Hub, status: int) -> None:
    hub.faults = {"POST .*/commit/": (status, "A commit has happened since.")}
    message = told(push("me/x"))
    assert "me/x was changed by somebody else during this push. It says: A commit has happened since." in message
    assert "Run the same command again" in message


def test_a_commit_that_happens_during_the_push_is_not_built_over(push: Any, hub: Hub) -> None:
    repository = hub.made("me/x")
    hub.before = {"POST .*/preupload/": lambda: repository.add("main", {"other.txt": (b"x", False)}, "in between")}
    assert "me/x was changed by somebody else" in told(push("me/x"))
    assert repository.files() == {"other.txt": b"x"}


@pytest.mark.parametrize(("status", "said"), [(429, "asks for patience"), (501, "is in trouble (status 501)")])
def test_a_hub_that_is_busy_or_broken(push: Any, hub: Hub, status: int, said: str) -> None:
    hub.faults = {"GET /api/whoami": (status, "")}
    assert said in told(push("me/x"))


def test_a_card_that_the_hub_finds_wrong(push: Any, hub: Hub) -> None:
    hub.faults = {"POST /api/validate-yaml": (400, "")}
    assert "Invalid metadata in README.md" in told(push("me/x"))


def test_no_network_an_address_that_is_no_hub_and_a_hub_that_is_switched_off(push: Any, hub: Hub) -> None:
    assert "The Hub at http://127.0.0.1:9 cannot be reached" in told(push("me/x", endpoint="http://127.0.0.1:9"))
    assert "cannot be reached" in told(push("me/x", endpoint="nonsense"))
    assert "switched off by HF_HUB_OFFLINE" in told(push("me/x", HF_HUB_OFFLINE="1"))
    assert hub.asked == []


def test_the_store_of_large_files_that_the_client_uses_by_default_fails(
    hub: Hub, tmp_path: Path, plain: Dialogue
) -> None:
    pytest.importorskip("hf_xet")
    pytest.importorskip("pyarrow")
    folder = tmp_path / "apart"
    hand_over(Collection({"train": [plain]}, (), ()), target_named("parquet"), folder, Label("Made.", "mit"))
    hub.faults = {"GET .*/xet-write-token/": (403, "not for you")}
    words = ("dataset", "push", folder, "me/x")
    message = told(run(tmp_path / "home", hub.endpoint, *words, HF_HUB_DISABLE_XET="0"))
    assert f"The Hub at {hub.endpoint} did not take a large file (" in message
    assert "403 Forbidden" in message
    assert "right to write" in message
