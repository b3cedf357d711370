"""Cron lines on wall clocks, against a clock that is told the time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.errors import UserError
from loresmith.watch.schedule import due, next_run, parse

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: str = "UTC", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def fires(line: str, zone: str, after: datetime, count: int) -> list[str]:
    """The next moments, as clocks in `zone` show them."""
    schedule, shown = parse(line, zone), []
    for _ in range(count):
        after = next_run(schedule, after)
        shown.append(after.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes"))
    return shown


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 3 * * 0", ["2026-03-01T03:00+00:00", "2026-03-08T03:00+00:00"]),
        ("@weekly", ["2026-03-01T00:00+00:00", "2026-03-08T00:00+00:00"]),
        ("@monthly", ["2026-03-01T00:00+00:00", "2026-04-01T00:00+00:00"]),
        ("30 4 31 * *", ["2026-03-31T04:30+00:00", "2026-05-31T04:30+00:00"]),
        ("0 0 29 feb *", ["2028-02-29T00:00+00:00", "2032-02-29T00:00+00:00"]),
        ("*/20 9-10 * * mon-fri", ["2026-02-26T10:20+00:00", "2026-02-26T10:40+00:00"]),
        ("0 12 13 * fri", ["2026-02-27T12:00+00:00", "2026-03-06T12:00+00:00"]),  # the 13th, and every Friday
        ("5,35 0 1 1 7", ["2027-01-01T00:05+00:00", "2027-01-01T00:35+00:00"]),
    ],
)
def test_a_line_fires_when_cron_would(line: str, expected: list[str]) -> None:
    assert fires(line, "UTC", at("2026-02-26T10:00"), 2) == expected


def test_the_clock_of_the_zone_counts_and_summer_time_moves_the_moment_not_the_hour() -> None:
    shown = fires("0 3 * * 0", "America/New_York", at("2026-03-01T12:00"), 3)
    assert shown == ["2026-03-08T03:00-04:00", "2026-03-15T03:00-04:00", "2026-03-22T03:00-04:00"]
    assert fires("0 3 * * 0", "America/New_York", at("2026-02-28T12:00"), 1) == ["2026-03-01T03:00-05:00"]


def test_a_time_that_summer_time_skips_fires_once_right_after_the_gap() -> None:
    shown = fires("0,30 2 * * *", "Europe/Berlin", at("2026-03-28T00:00"), 4)
    assert shown == [
        "2026-03-28T02:00+01:00",
        "2026-03-28T02:30+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-30T02:00+02:00",
    ]


def test_a_time_that_comes_twice_in_autumn_fires_the_first_time_only() -> None:
    shown = fires("30 2 * * *", "Europe/Berlin", at("2026-10-24T12:00"), 2)
    assert shown == ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]
    second = at("2026-10-25T02:30", "Europe/Berlin", fold=1).astimezone(UTC)
    assert next_run(parse("30 2 * * *", "Europe/Berlin"), second - timedelta(minutes=1)) > second
    nightly = parse("30 2 * * *", "Europe/Berlin")
    first = at("2026-10-25T02:30", "Europe/Berlin", fold=0)
    assert not due(nightly, first, at("2026-10-25T02:30", "Europe/Berlin", fold=1)).is_due


def test_the_hour_that_comes_twice_is_told_apart_whatever_the_zone_of_now() -> None:
    last, now = (at(f"2026-10-25T{time}", "Europe/Berlin", fold) for time, fold in (("02:30", 0), ("02:10", 1)))
    found = due(parse("40 2 * * *", "Europe/Berlin"), last, now)
    assert found.missed == (at("2026-10-25T00:40"),)
    assert found.next == at("2026-10-26T01:40")


def test_times_that_were_skipped_together_are_missed_once() -> None:
    found = due(parse("0,30 2 * * *", "Europe/Berlin"), at("2026-03-28T12:00"), at("2026-03-29T12:00"))
    assert found.missed == (at("2026-03-29T01:00"),)


def test_a_day_that_a_zone_left_out_is_made_up_at_its_end() -> None:
    # Samoa went from 29 to 31 December 2011
    assert fires("0 12 30 12 *", "Pacific/Apia", at("2011-12-01T00:00"), 1) == ["2011-12-31T00:00+14:00"]


SOME_ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]


@settings(max_examples=60)
@given(
    zone=st.sampled_from(SOME_ZONES),
    start=st.datetimes(datetime(2011, 12, 1), datetime(2027, 12, 1)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    near_change=st.booleans(),
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=3),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=4),
)
def test_it_agrees_with_a_watchman_who_looks_at_the_clock_every_minute(
    zone: str, start: datetime, near_change: bool, minutes: set[int], hours: set[int]
) -> None:
    if near_change:
        start = datetime(start.year, 3 if start.month < 7 else 10, 24 + start.day % 7, start.hour, start.minute)
    after = start.replace(tzinfo=UTC)
    schedule = parse(f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *", zone)
    assert next_run(schedule, after) == watchman(ZoneInfo(zone), after, minutes, hours)


def watchman(zone: ZoneInfo, after: datetime, minutes: set[int], hours: set[int]) -> datetime:
    """The first minute after `after` at which the clock shows or has skipped one of the times, for the first time."""
    moment = after - timedelta(hours=3)  # longer ago than any clock was set back
    seen = moment.astimezone(zone).replace(tzinfo=None)  # the highest that the clock has shown
    while True:
        moment += timedelta(minutes=1)
        wall = moment.astimezone(zone).replace(tzinfo=None)
        passed = seen + timedelta(minutes=1)
        while passed <= wall:
            if passed.minute in minutes and passed.hour in hours and moment > after:
                return moment
            passed += timedelta(minutes=1)
        seen = max(seen, wall)


def test_missed_runs_are_made_up_by_one() -> None:
    weekly = parse("0 3 * * 0", "UTC")
    last, now = at("2026-03-01T03:00"), at("2026-03-20T11:00")
    found = due(weekly, last, now)
    assert found.is_due
    assert [moment.date().isoformat() for moment in found.missed] == ["2026-03-08", "2026-03-15"]
    assert found.next == at("2026-03-22T03:00")
    assert not due(weekly, now, now).is_due


def test_it_is_due_at_the_very_minute_and_not_before() -> None:
    weekly = parse("0 3 * * 0", "UTC")
    last, moment = at("2026-03-01T03:00"), at("2026-03-08T03:00")
    assert not due(weekly, last, moment - timedelta(seconds=1)).is_due
    assert due(weekly, last, moment).is_due
    assert not due(weekly, moment, moment).is_due


def test_nothing_is_missed_before_the_first_look() -> None:
    found = due(parse("@hourly", "UTC"), None, at("2026-03-01T03:30"))
    assert not found.is_due
    assert found.next == at("2026-03-01T04:00")


def test_a_clock_that_is_set_back_repeats_nothing() -> None:
    hourly = parse("@hourly", "UTC")
    last = at("2026-03-01T04:00")
    found = due(hourly, last, at("2026-03-01T03:10"))
    assert not found.is_due and not found.clock_was_wrong
    assert found.next == at("2026-03-01T05:00")


def test_a_last_run_far_in_the_future_was_a_wrong_clock_and_is_forgotten() -> None:
    hourly = parse("@hourly", "UTC")
    found = due(hourly, at("2099-01-01T00:00"), at("2026-03-01T03:10"))
    assert found.clock_was_wrong and not found.is_due
    assert found.next == at("2026-03-01T04:00")


def test_years_without_a_look_do_not_list_every_minute() -> None:
    found = due(parse("* * * * *", "UTC"), at("2016-01-01T00:00"), at("2026-01-01T00:00"))
    assert len(found.missed) == 1000
    assert found.next == at("2026-01-01T00:01")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "it has 0 parts"),
        ("0 3 * *", "it has 4 parts"),
        ("@sometimes", "it has 1 parts"),
        ("60 3 * * 0", "'60' is no minute"),
        ("0 24 * * 0", "'24' is no hour"),
        ("0 0 0 * *", "'0' is no day of the month"),
        ("0 0 * 13 *", "'13' is no month"),
        ("0 0 * * 8", "'8' is no day of the week"),
        ("0 0 * * 5-2", "'5-2' is no day of the week"),
        ("*/0 * * * *", "'[*]/0' is no minute"),
        ("*/x * * * *", "is no minute"),
        ("1, * * * *", "'' is no minute"),
        ("-1 * * * *", "'-1' is no minute"),
        ("0 0 30 2 *", "never comes"),
    ],
)
def test_what_is_no_line_is_refused_with_its_part(line: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        parse(line, "UTC")


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UserError, match="There is no time zone"):
        parse("@weekly", zone)


def test_every_zone_of_this_machine_has_a_next_week() -> None:
    after = at("2026-03-25T00:00")
    for zone in sorted(available_timezones())[::40]:
        moment = next_run(parse("@weekly", zone), after)
        assert timedelta(0) < moment - after <= timedelta(days=8)
