import random
import threading
import time

import pytest

from loresmith.models.endpoint.pace import Pace, Stopped, backoff_seconds


@pytest.mark.parametrize(("requests", "tokens"), [(600, None), (None, 6000), (600, 6000)])
def test_calls_are_spread_so_that_no_minute_holds_too_many(requests: int | None, tokens: int | None) -> None:
    pace = Pace(requests, tokens, threading.Event())
    began = time.monotonic()
    for _ in range(4):
        pace.enter(tokens=10)
    assert 0.3 <= time.monotonic() - began < 2.0  # three gaps of 0.1 s


def test_no_call_begins_before_a_pause_is_over() -> None:
    pace, began = Pace(None, None, threading.Event()), time.monotonic()
    pace.enter(10)
    assert time.monotonic() - began < 0.2
    pace.hold(0.3)
    pace.enter(10)
    assert time.monotonic() - began >= 0.3


def test_the_end_of_the_round_ends_every_wait() -> None:
    stop = threading.Event()
    pace = Pace(1, None, stop)
    pace.enter(1)
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Stopped):
        pace.enter(1)  # would wait a minute


def test_waits_double_up_to_a_limit_and_differ_from_call_to_call() -> None:
    waits = [[backoff_seconds(failures, random.Random(seed)) for failures in range(1, 12)] for seed in range(20)]
    assert all(0.25 <= row[0] <= 0.5 and 15 <= row[-1] <= 30 for row in waits)
    assert len({row[0] for row in waits}) == 20
