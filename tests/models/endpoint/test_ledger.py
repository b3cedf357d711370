import threading
import time
from typing import Any

import pytest

from loresmith.errors import RecipeError, UserError
from loresmith.models.endpoint.completion import Usage
from loresmith.models.endpoint.ledger import Ledger, Size
from loresmith.recipe import EndpointConfig, parse

SIZE = Size(prompt_bytes=0, answer_tokens=84)  # 100 tokens at most, with those around the messages
MILLION: dict[str, Any] = {"price_in": 1e6, "price_out": 1e6}


def test_money_that_other_calls_hold_is_waited_for() -> None:
    ledger = Ledger(EndpointConfig(**MILLION, budget=150))
    ledger.reserve(SIZE)
    began = time.monotonic()
    threading.Timer(0.2, ledger.release, (SIZE, Usage(20, 20))).start()
    ledger.reserve(SIZE)  # 40 + 100 fit, 100 + 100 did not
    assert time.monotonic() - began >= 0.2
    assert ledger.money == pytest.approx(40)


def test_a_call_that_could_exceed_the_budget_is_not_made() -> None:
    ledger = Ledger(EndpointConfig(**MILLION, budget=150))
    ledger.reserve(SIZE)
    ledger.release(SIZE, Usage(30, 30))
    with pytest.raises(UserError, match="60 is spent"):
        ledger.reserve(SIZE)


def test_money_that_an_earlier_run_spent_is_part_of_the_budget() -> None:
    ledger = Ledger(EndpointConfig(**MILLION, budget=150))
    ledger.remember([Usage(30, 30), Usage(20, 20)])
    with pytest.raises(UserError, match="100 is spent"):
        ledger.estimate([SIZE])
    with pytest.raises(UserError, match="100 is spent"):
        ledger.reserve(SIZE)


def test_a_call_that_was_not_charged_gives_its_money_back() -> None:
    ledger = Ledger(EndpointConfig(**MILLION, budget=100))
    for _ in range(3):
        ledger.reserve(SIZE)
        ledger.release(SIZE, None)
    assert ledger.money == 0


def test_without_prices_money_is_unknown_and_without_pairs_shares_are_too() -> None:
    account = Ledger(EndpointConfig()).account(pairs=0)
    assert (account["money"], account["calls_per_pair"], account["prompt_tokens_per_pair"]) == (None, None, None)


@pytest.mark.parametrize("given", [{"budget": 1}, {"price_in": 1}, {"price_out": 1, "budget": 1}])
def test_a_budget_without_prices_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match="price_in and price_out"):
        parse(EndpointConfig, given)
