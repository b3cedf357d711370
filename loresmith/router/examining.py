"""Examine a trained router on the transfer exams of its experts' projects, whose documents taught it nothing."""

from pathlib import Path

from loresmith.errors import UserError
from loresmith.router.decision import Router
from loresmith.router.measuring import Asked, Measured, measured
from loresmith.router.questions import exam
from loresmith.router.training import Teaching


def examined(router: Router, given: Teaching, foreign: Path | None = None) -> tuple[Measured, Measured | None]:
    """The figures on the experts' own exams, and on the questions of the file `foreign`, a line each, for nobody.

    Raises:
        UserError: there is no exam, or no foreign question.
    """
    asked = [
        Asked(row.question, name, f"{name} {row.document}")
        for name, split in given.splits.items()
        for row in exam(split)
    ]
    if not asked:
        raise UserError(
            "None of the projects has a transfer exam, so there is nothing that the router has not seen.",
            next_step="Split again with a share held out: `loresmith split PROJECT --held-out 0.15`.",
        )
    own = measured(asked, router.decide_all([one.question for one in asked]))
    if foreign is None:
        return own, None
    strangers = [Asked(line, None, str(number)) for number, line in enumerate(_lines(foreign))]
    return own, measured(strangers, router.decide_all([one.question for one in strangers]))


def _lines(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        raise UserError(f"{path} cannot be read: {fault}.", next_step="Give a text file of questions.") from fault
    if not lines:
        raise UserError(f"{path} holds no question.", next_step="Write one in each line.")
    return lines
