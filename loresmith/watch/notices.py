"""What people are told of a round or an exam, and through which channels."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from loresmith import plugins
from loresmith.compare.words import points_interval
from loresmith.errors import UserError
from loresmith.plugins import AlertChannel
from loresmith.recipe import AlertConfig, WatchConfig
from loresmith.records import Alert, Estimate
from loresmith.watch.alerts import Alerts
from loresmith.watch.places import Places
from loresmith.watch.records import Outcome, Round, Sitting

LEVELS: dict[Outcome, Literal["info", "warning", "error"]] = {
    "promoted": "info",
    "refreshed": "info",
    "unchanged": "info",
    "kept": "warning",
    "cannot tell": "warning",
    "failed": "error",
}
TITLES: dict[Outcome, str] = {
    "promoted": "a new version answers",
    "refreshed": "the index is current",
    "unchanged": "nothing had to be done",
    "kept": "the new version was refused",
    "cannot tell": "the new version waits: the exam cannot tell",
    "failed": "a round failed",
}


def mailbox(config: WatchConfig, places: Places, now: Callable[[], datetime]) -> Alerts:
    """Alerts through the channels of the recipe, within its limit.

    Raises:
        UserError: a channel is no plug-in, or the variable with its address is not set.
    """
    channels = {f"{one.channel} {number}": channel(one) for number, one in enumerate(config.alerts, 1)}
    return Alerts(channels, places.alerts, most=config.alerts_per_hour, within=timedelta(hours=1), now=now)


def channel(config: AlertConfig) -> AlertChannel:
    """The channel that a part of the recipe describes."""
    make = plugins.load(plugins.ALERTS, config.channel)
    if config.channel == "mail":
        made: AlertChannel = make(
            host=config.host,
            sender=config.sender,
            recipients=config.recipients,
            port=config.port,
            security=config.security,
            user=config.user,
        )
        return made
    url = config.url
    if config.url_variable is not None and (url := os.environ.get(config.url_variable)) is None:
        raise UserError(
            f"The environment variable {config.url_variable} is not set.",
            next_step="Put the alert channel's address there, or take the channel out of `watch.alerts`.",
        )
    made = make(url)
    return made


def of_round(done: Round, name: str) -> Alert:
    """What is told when a round ends."""
    return Alert(
        kind=done.outcome,
        level=LEVELS[done.outcome],
        title=f"{name}: {TITLES[done.outcome]}",
        text="\n".join(_lines(done)),
        at=done.ended,
    )


def of_exam(exam: Sitting, name: str) -> Alert:
    """What is told when an exam between rounds came out too low."""
    told = f"Version {exam.champion} has {share(exam.accuracy)} on the current exam ({exam.arm})"
    baseline = "" if exam.baseline is None else f"; it was promoted with {100 * exam.baseline:.1f}%"
    text = f"{told}{baseline}.\nA round that trains begins."
    return Alert(kind="below", level="warning", title=f"{name}: the exam fell", text=text, at=exam.at)


def share(found: Estimate) -> str:
    """`61.0% [50.2, 70.9], n = 82`."""
    return f"{100 * found.value:.1f}% [{100 * found.low:.1f}, {100 * found.high:.1f}], n = {found.n:,}"


def _lines(done: Round) -> Iterator[str]:
    yield done.headline
    yield f"Why: {done.reason.words}. Documents: {done.changes.words()}."
    if done.before is not None and done.after is not None:
        against = "the base model" if done.against is None else f"version {done.against}"
        yield f"On the same questions: {against} {share(done.before)}; the new version {share(done.after)}."
    if done.difference is not None:
        yield f"Difference: {points_interval(done.difference)} points."
    yield from done.cautions
    if done.refreshed is not None:
        yield f"Version {done.refreshed} answers from the current documents with what was learned before."
    if done.outcome in ("kept", "cannot tell") and (done.changes.new or done.changes.changed):
        yield f"Look at what came in: {', '.join((*done.changes.new, *done.changes.changed)[:10])}."
    yield "Nobody answers yet." if done.champion is None else f"Version {done.champion} answers."
    if done.seconds:
        spent = sum(done.seconds.values())
        said = (
            "" if done.expected is None or done.expected.seconds is None else f", expected {done.expected.seconds:.0f}"
        )
        yield f"It took {spent:.0f} seconds{said}."
