import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loresmith.watch.schedule import Due, parse
from loresmith.watch.timer import Job, Timer


class Clock:
    """Tells the time that it was told."""

    def __init__(self, text: str) -> None:
        self.moment = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def go(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-03-02T12:00")


@pytest.fixture
def ran() -> list[tuple[str, int]]:
    """What ran, and how many runs it made up for."""
    return []


@pytest.fixture
def timer(clock: Clock, ran: list[tuple[str, int]], tmp_path: Path) -> Callable[[], Timer]:
    """A timer as a process that starts now has it: weekly benchmark, monthly refresh."""

    def job(name: str, line: str) -> Job:
        def run(found: Due) -> None:
            ran.append((name, len(found.missed)))

        return Job(parse(line, "Europe/Berlin"), run)

    jobs = {"benchmark": job("benchmark", "0 3 * * 0"), "refresh": job("refresh", "@monthly")}
    return lambda: Timer(jobs, tmp_path / "state" / "schedule.json", clock)


def test_a_month_of_hours_runs_each_job_as_often_as_it_should(
    timer: Callable[[], Timer], clock: Clock, ran: list[tuple[str, int]]
) -> None:
    running = timer()
    for _ in range(31 * 24):
        running.look()
        clock.go(hours=1)
    assert [name for name, _ in ran] == ["benchmark"] * 4 + ["refresh"]
    assert {count for _, count in ran} == {1}


def test_a_process_that_was_off_makes_up_for_what_it_missed_once(
    timer: Callable[[], Timer], clock: Clock, ran: list[tuple[str, int]]
) -> None:
    timer().look()
    clock.go(days=33)
    timer().look()
    timer().look()
    assert ran == [("benchmark", 4), ("refresh", 1)]


def test_a_clock_that_jumps_ahead_and_back_runs_nothing_twice(
    timer: Callable[[], Timer], clock: Clock, ran: list[tuple[str, int]]
) -> None:
    running = timer()
    running.look()
    clock.go(days=6)
    running.look()
    clock.go(hours=-8)
    running.look()
    clock.go(hours=9)
    running.look()
    assert ran == [("benchmark", 1)]


def test_a_diary_from_the_future_is_put_right_and_stops_nothing(
    timer: Callable[[], Timer], clock: Clock, ran: list[tuple[str, int]]
) -> None:
    clock.go(days=20_000)
    timer().look()
    clock.go(days=-20_000)
    assert timer().look()["benchmark"].clock_was_wrong
    clock.go(days=7)
    assert not timer().look()["benchmark"].clock_was_wrong
    assert ran == [("benchmark", 1)]


@pytest.mark.parametrize("torn", ['{"benchmark": "2026-', "[]", '{"benchmark": 7}', '{"benchmark": "soon"}'])
def test_a_damaged_diary_costs_an_interval_and_nothing_else(
    timer: Callable[[], Timer], clock: Clock, ran: list[tuple[str, int]], tmp_path: Path, torn: str
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "schedule.json").write_text(torn, encoding="utf-8")
    timer().look()
    clock.go(days=7)
    timer().look()
    assert ran == [("benchmark", 1)]


def test_a_job_that_fails_is_not_run_again_before_its_time_and_delays_no_other(clock: Clock, tmp_path: Path) -> None:
    ran: list[str] = []

    def fail(_: Due) -> None:
        ran.append("fails")
        raise RuntimeError("no disk")

    daily = parse("@daily", "UTC")
    jobs = {"fails": Job(daily, fail), "works": Job(daily, lambda _: ran.append("works"))}
    timer = Timer(jobs, tmp_path / "schedule.json", clock)
    timer.look()
    clock.go(days=1)
    with pytest.raises(RuntimeError, match="no disk"):
        timer.look()
    timer.look()
    assert ran == ["fails", "works"]


def test_apscheduler_looks_in_this_process_until_it_is_shut_down(
    timer: Callable[[], Timer], clock: Clock, ran: list[tuple[str, int]]
) -> None:
    pytest.importorskip("apscheduler", reason="the extra `watch` is not installed")
    timer().look()
    clock.go(days=7)
    scheduler = timer().start(look_seconds=0.05)
    try:
        waiting = threading.Event()
        for _ in range(200):
            if ran:
                break
            waiting.wait(0.05)
    finally:
        scheduler.shutdown()
    assert ran == [("benchmark", 1)]
