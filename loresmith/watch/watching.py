"""One look of a watch: what calls for a round or an exam now, and then that round and that exam."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loresmith.errors import UserError
from loresmith.progress import Work
from loresmith.registry import CHAMPION
from loresmith.watch import collecting
from loresmith.watch.records import Reason, Round, Sitting
from loresmith.watch.round import Bench, hold
from loresmith.watch.schedule import Due, Schedule, parse
from loresmith.watch.sitting import examine_champion
from loresmith.watch.timer import Job, Timer
from loresmith.watch.voices import complaint, heard

EXAM, REFRESH = "exam", "refresh"


@dataclass
class Look:
    """What a look led to."""

    rounds: list[Round] = field(default_factory=list)
    exam: Sitting | None = None


def look(bench: Bench, asked: Reason | None = None) -> Work[Look]:
    """End the round that was left, then hold whatever is called for: at most one round, the exam, and one after it.

    The caller holds the registry's round lock; the project's lock is held here, while there is work.

    Raises:
        FolderInUse: somebody else works in the project.
        Interrupted: the process was told to end.
    """
    done = Look()
    with bench.project.locked():
        if (left := bench.places.started()) is not None:
            done.rounds.append((yield from hold(bench, left.reason)))
        times = _times(bench)
        if (reason := _called_for(bench, asked, times)) is not None:
            done.rounds.append((yield from hold(bench, reason)))
        if EXAM in times:
            done.exam = yield from examine_champion(bench)
            if done.exam is not None and done.exam.is_below:
                words = (
                    f"the exam fell below {100 * bench.config.alert_below:g}% of what the champion was promoted with"
                )
                done.rounds.append((yield from hold(bench, Reason(kind="accuracy", words=words))))
    return done


def schedules(bench: Bench) -> dict[str, Schedule]:
    """The recipe's schedules by what they are for.

    Raises:
        UserError: a line is none.
    """
    config = bench.config
    lines = {EXAM: config.schedule, REFRESH: config.refresh}
    return {name: parse(line, config.zone) for name, line in lines.items() if line is not None}


def documents_differ(bench: Bench) -> bool:
    """Whether the documents are others than those that the last round saw, or than the champion answers from.

    A round that failed on the same documents is not repeated by itself.
    """
    try:
        now = collecting.found(bench.project)
    except UserError:
        return False
    last = next(reversed(bench.places.rounds()), None)
    if last is not None:
        return last.documents != collecting.hash_of(now)
    return bench.book.alias(CHAMPION) is None or bool(collecting.changes(collecting.answered_from(bench.book), now))


def _called_for(bench: Bench, asked: Reason | None, times: Mapping[str, Due]) -> Reason | None:
    """The strongest reason for a round; those that train come first, since they also make the index current."""
    if asked is not None:
        return asked
    if REFRESH in times:
        missed = len(times[REFRESH].missed)
        return Reason(kind="refresh", words="the schedule" + (f", {missed} times missed" if missed > 1 else ""))
    said = heard(bench.project.path, bench.book.path)
    if (found := complaint(said, bench.places.rounds(), bench.config)) is not None:
        return found
    if bench.config.new_documents and documents_differ(bench):
        return Reason(kind="documents", words="documents changed")
    return None


def _times(bench: Bench) -> dict[str, Due]:
    """What the schedules ask for now; it counts as done from here on."""
    found: dict[str, Due] = {}

    def job(name: str, schedule: Schedule) -> Job:
        return Job(schedule, lambda due: found.__setitem__(name, due))

    planned = schedules(bench)
    Timer({name: job(name, schedule) for name, schedule in planned.items()}, bench.places.schedule, bench.now).look()
    return found
