"""Runs what a schedule asks for, in this process, and remembers across restarts what was run.

APScheduler (an extra) wakes it once a minute; the rule of `schedule.due` alone decides, so that a machine that slept,
a clock that jumped and a process that was off for a month are one case. What was run last stands in a file that is
written whole, before the work begins: work that is killed is not begun again by the timer but resumed by its command.

Not covered: waking a machine, and systemd or cron, which start a process that looks once.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loresmith.artifact import write_whole
from loresmith.errors import PackageMissing
from loresmith.watch.schedule import Due, Schedule, due

LOOK_SECONDS = 60.0


@dataclass(frozen=True)
class Job:
    """Something to do at times."""

    schedule: Schedule
    run: Callable[[Due], None]


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Timer:
    """Runs `jobs` when they are due; `diary` is the file that remembers the last runs."""

    def __init__(self, jobs: Mapping[str, Job], diary: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._jobs, self._diary, self._now = dict(jobs), diary, now

    def look(self) -> dict[str, Due]:
        """Run what is due, in the order of the jobs; what each job was found to be.

        A job that the diary does not know is not due: it counts from this look on. An exception of a job goes to the
        caller; the job's run counts, and those after it are found due at the next look.
        """
        last, found = self._read(), {}
        for name, job in self._jobs.items():
            moment = self._now()
            found[name] = due(job.schedule, last.get(name), moment)
            if found[name].is_due or found[name].clock_was_wrong or name not in last:
                last[name] = moment
                self._write(last)
            if found[name].is_due:
                job.run(found[name])
        return found

    def start(self, look_seconds: float = LOOK_SECONDS) -> Any:
        """A running APScheduler that looks now and then; one look never overlaps another. Call its `shutdown`.

        Raises:
            PackageMissing: APScheduler is not installed.
        """
        try:
            from apscheduler.schedulers.background import BackgroundScheduler
        except ImportError as missing:
            raise PackageMissing("apscheduler", needed_for="Running on a schedule", extra="watch") from missing
        scheduler = BackgroundScheduler(timezone=UTC)
        scheduler.add_job(
            self.look,
            "interval",
            seconds=look_seconds,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        scheduler.start()
        return scheduler

    def _read(self) -> dict[str, datetime]:
        """The last runs; none where the file is missing or no diary, which costs one interval and repeats nothing."""
        try:
            told = json.loads(self._diary.read_text(encoding="utf-8"))
            return {str(name): datetime.fromisoformat(moment).astimezone(UTC) for name, moment in told.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def _write(self, last: Mapping[str, datetime]) -> None:
        self._diary.parent.mkdir(parents=True, exist_ok=True)
        told = {name: moment.isoformat() for name, moment in last.items()}
        write_whole(self._diary, json.dumps(told, indent=1))
