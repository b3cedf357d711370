import threading

import pytest

from loresmith.serve.line import Busy, Closing, Line
from tests.serve.librarian import wait_until


def test_work_is_done_one_after_another_in_the_order_of_joining() -> None:
    line, done = Line("test", waiting=10), []
    for number in range(8):
        last = line.join(lambda number=number: done.append(number))  # type: ignore[misc]
    last.result(10)
    assert done == list(range(8))


def test_one_too_many_is_told_when_to_come_back_and_a_place_opens_when_work_ends() -> None:
    line, gate = Line("test", waiting=1), threading.Event()
    first, second = line.join(lambda: gate.wait(10)), line.join(lambda: None)
    with pytest.raises(Busy) as full:
        line.join(lambda: None)
    assert full.value.retry_seconds >= 1
    assert line.inside == 2
    gate.set()
    first.result(10)
    second.result(10)
    assert line.join(lambda: "in").result(10) == "in"


def test_work_that_is_cancelled_before_its_turn_frees_its_place() -> None:
    line, gate = Line("test", waiting=1), threading.Event()
    line.join(lambda: gate.wait(10))
    waiting = line.join(lambda: None)
    assert waiting.cancel()
    assert line.inside == 1
    gate.set()


def test_a_failing_piece_of_work_says_so_and_the_line_goes_on() -> None:
    line = Line("test", waiting=1)
    with pytest.raises(ZeroDivisionError):
        line.join(lambda: 1 / 0).result(10)
    assert line.join(lambda: 1).result(10) == 1
    assert line.inside == 0


def test_a_closed_line_takes_nothing_and_has_finished_what_ran() -> None:
    line, gate, done = Line("test", waiting=2), threading.Event(), []
    running = threading.Event()

    def work() -> None:
        running.set()
        gate.wait(10)
        done.append("ran")

    line.join(work)
    waits = line.join(lambda: done.append("waited"))
    assert running.wait(10)
    threading.Timer(0.05, gate.set).start()
    line.close()
    assert done == ["ran"]
    assert waits.cancelled()
    with pytest.raises(Closing):
        line.join(lambda: None)


def test_work_behind_the_line_is_done_when_all_before_it_has_ended_and_takes_no_place() -> None:
    line, free = Line("test", waiting=1), threading.Event()
    done: list[str] = []
    line.join(lambda: free.wait(10) and done.append("first"))
    line.join(lambda: done.append("second"))
    line.behind(lambda: done.append("behind"))
    assert line.inside == 2
    free.set()
    wait_until(lambda: len(done) == 3)
    assert done == ["first", "second", "behind"]
    line.close()
    line.behind(lambda: done.append("too late"))
    assert len(done) == 3
