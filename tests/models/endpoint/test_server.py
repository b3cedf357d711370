import email.utils
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loresmith.errors import LoresmithError, MachineError, RecipeError, UserError
from loresmith.models.endpoint.dialect import Asked
from loresmith.models.endpoint.server import CallFailed, ChatServer, pause_seconds
from loresmith.recipe import EndpointConfig, load

KEY = "sk-not-for-any-file"
ASKED = Asked("m", [{"role": "user", "content": "x"}], {"type": "object"}, 10, 0.0, 17)


def chat(server: Any, **settings: Any) -> ChatServer:
    return ChatServer(EndpointConfig(base_url=server.url, **settings))


@pytest.mark.parametrize(
    ("complaint", "gone"),
    [
        ("'response_format.type' must be 'json_object' or 'text'", ["json_schema"]),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", ["max_tokens"]),
        ("temperature does not support 0 with this model", ["temperature"]),
        ("unknown field seed", ["seed"]),
    ],
)
def test_what_a_server_refuses_is_left_out(server: Any, told: Any, complaint: str, gone: list[str]) -> None:
    def decide(request: dict[str, Any], before: int) -> Any:
        shown = [*request, str(request.get("response_format", {}).get("type"))]
        return told(400, {}, complaint) if any(word in shown for word in gone) else told()

    server.decide = decide
    with chat(server) as opened:
        opened.ask(ASKED)
        opened.ask(ASKED)
    assert len(server.asked) == 3  # it learns once


def test_constraints_weaken_step_by_step_until_the_server_takes_them(server: Any, told: Any) -> None:
    server.decide = lambda request, _: told(422, {}, "no") if "response_format" in request else told()
    with chat(server) as opened:
        opened.ask(ASKED)
    forms = [request.get("response_format", {}).get("type") for request in server.asked]
    assert forms == ["json_schema", "json_object", None]


def test_one_long_chunk_does_not_weaken_the_others(server: Any, told: Any) -> None:
    server.decide = lambda _, before: told(400, {}, "maximum context length is 512 tokens") if before else told()
    with chat(server) as opened:
        opened.ask(ASKED)
        with pytest.raises(CallFailed, match="too long"):
            opened.ask(ASKED)
        server.decide = lambda *_: told()
        opened.ask(ASKED)
    assert server.asked[-1]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, "bad key", UserError),
        (403, "forbidden", UserError),
        (404, "no such model", UserError),
        (402, "pay", UserError),
        (429, '{"error": {"code": "insufficient_quota"}}', UserError),
        (400, "no, never", UserError),
        (302, "elsewhere", UserError),
        (429, "slow down", CallFailed),
        (503, "later", CallFailed),
    ],
)
def test_a_failure_ends_the_round_only_if_no_call_can_succeed(
    server: Any, told: Any, status: int, body: str, kind: type[Exception]
) -> None:
    server.decide = lambda *_: told(status, {}, body)
    with chat(server) as opened, pytest.raises(kind) as caught:
        opened.ask(ASKED)
    assert not isinstance(caught.value, LoresmithError) or body in caught.value.problem


def test_a_pause_of_hours_is_for_another_day(server: Any, told: Any) -> None:
    server.decide = lambda *_: told(429, {"Retry-After": "7200"}, "")
    with chat(server) as opened, pytest.raises(MachineError, match="7200 seconds"):
        opened.ask(ASKED)


def test_a_pause_is_given_in_seconds_or_as_a_date() -> None:
    assert pause_seconds("2.5") == 2.5
    assert pause_seconds(email.utils.formatdate(time.time() + 30, usegmt=True)) == pytest.approx(30, abs=2)
    assert (pause_seconds(None), pause_seconds("soon"), pause_seconds("-3")) == (None, None, 0.0)


def test_the_key_goes_into_one_header_and_is_struck_out_of_what_comes_back(
    server: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    server.decide = lambda *_: told(401, {}, f"wrong key {KEY}")
    with chat(server, key_variable="MY_KEY") as opened, pytest.raises(UserError) as caught:
        opened.ask(ASKED)
    assert server.keys == [f"Bearer {KEY}"]
    assert KEY not in str(caught.value)
    assert "wrong key [key]" in str(caught.value)
    server.decide = lambda *_: told(body=f"echo {KEY}")
    with chat(server, key_variable="MY_KEY") as opened:
        assert opened.ask(ASKED) == "echo [key]"


def test_the_key_for_openai_is_not_sent_to_another_host(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with chat(server) as opened:
        opened.ask(ASKED)
    assert server.keys == [None]


def test_a_missing_key_is_said_before_any_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match="OPENAI_API_KEY is empty"):
        ChatServer(EndpointConfig())


@pytest.mark.parametrize("line", [f"key_variable: {KEY}", f"base_url: https://me:{KEY}@host/v1"])
def test_a_key_written_into_the_recipe_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"name: x\ngenerate:\n  endpoint:\n    {line}\n")
    with pytest.raises(RecipeError, match=r"generate\.endpoint") as caught:
        load(path)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("manner", [{"seconds": 2.0}, {"seconds_per_byte": 0.1}], ids=["silent", "dribbling"])
def test_a_slow_server_is_broken_off_in_time(server: Any, told: Any, manner: dict[str, float]) -> None:
    server.decide = lambda *_: told(**manner)
    began = time.monotonic()
    with chat(server, timeout_seconds=0.3) as opened, pytest.raises(CallFailed, match="timeout") as caught:
        opened.ask(ASKED)
    assert time.monotonic() - began < 1.5
    assert caught.value.may_be_charged


def test_log_probabilities_that_a_server_refuses_are_left_out_although_it_answered_other_requests(
    server: Any, told: Any
) -> None:
    server.decide = lambda request, _: told(400, {}, "logprobs are not supported") if "logprobs" in request else told()
    free = replace(ASKED, schema=None)
    with chat(server) as opened:
        opened.ask(free)
        opened.ask(replace(free, top_logprobs=20))
        opened.ask(replace(free, top_logprobs=20))
    assert ["logprobs" in request for request in server.asked] == [False, True, False, False]
    assert not any("response_format" in request for request in server.asked)
