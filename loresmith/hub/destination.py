"""Where something goes on the Hub."""

import re
from dataclasses import dataclass
from typing import Literal

from loresmith.errors import UserError

PART = re.compile(r"\w([\w.-]*\w)?", re.ASCII)
LONGEST = 96


@dataclass(frozen=True)
class Destination:
    """A repository and how it is written to."""

    repository: str
    """OWNER/NAME."""
    kind: Literal["dataset", "model"]
    branch: str = "main"
    private: bool = False
    """For a repository that is made; one that is there must not be public then."""
    if_public: str = "leave out --private"
    """The way out where it is, as the end of a sentence."""
    create: bool = True
    """Whether a missing repository or branch is made."""
    message: str = ""
    """Of the commit; the parcel's own when empty."""

    def require_sound(self) -> None:
        """Nothing, when the names can be names on the Hub.

        Raises:
            UserError: they cannot; says why.
        """
        fault = _fault(self.repository)
        if fault:
            raise UserError(
                f"{self.repository!r} is no name of a repository: {fault}.",
                next_step="Give OWNER/NAME with your user or organisation as the owner, such as me/pumps.",
            )
        if not self.branch.strip():
            raise UserError("The branch has no name.", next_step="Leave out --branch, or name one.")


def _fault(repository: str) -> str | None:
    """Which of the Hub's rules for names it breaks."""
    parts = repository.split("/")
    if len(parts) != 2:
        return "it is not OWNER/NAME"
    if len(repository) > LONGEST:
        return f"it has more than {LONGEST} characters"
    if not all(PART.fullmatch(part) for part in parts):
        return "an owner and a name have letters, digits, `-`, `_` and `.`, and neither begin nor end with `-` or `.`"
    if "--" in repository or ".." in repository or repository.endswith(".git"):
        return "`--`, `..` and a `.git` at the end are not allowed"
    return None
