"""What a round will take, said before it is begun: by the seconds that the last round took, and how much there is."""

from collections.abc import Sequence

from loresmith.artifact import Artifact
from loresmith.watch.records import Cost, Round

EXAMS = ("recall", "transfer", "unanswerable")
EXAMINING = ("examine", "champion")


def expected(split: Artifact, rounds: Sequence[Round]) -> Cost:
    """The cost of training and examining on `split`, after the `rounds` so far."""
    sets = split.manifest.notes.get("sets", {})
    rows = int(sets.get("train", {}).get("rows", 0))
    questions = sum(int(sets.get(name, {}).get("rows", 0)) for name in EXAMS)
    last = next((one for one in reversed(rounds) if one.expected and "train" in one.seconds), None)
    if last is None or last.expected is None or not last.expected.rows or not last.expected.questions:
        return Cost(seconds=None, rows=rows, questions=questions)
    training = last.seconds["train"] * rows / last.expected.rows
    examining = sum(last.seconds.get(name, 0.0) for name in EXAMINING) * questions / last.expected.questions
    return Cost(seconds=round(training + examining, 1), rows=rows, questions=questions)
