"""Every error that a user can meet: what went wrong, and the one next thing to do.

LoresmithError        exit 1: our bug
├── UserError         exit 2: the input, the recipe or the command
│   ├── RecipeError       a key or a value of the recipe
│   ├── ArtifactMissing   a stage was not run yet
│   ├── ArtifactCorrupt   files do not match their manifest
│   ├── NothingKept       a stage would have ended with zero rows
│   ├── LeakFound         an exam question is also in the training set
│   ├── NotBuiltYet       the recipe asks for what this version cannot do
│   └── Unreadable        one document that cannot be read; ingest sets it aside
├── MachineError      exit 3: disk, memory, a lock, a missing package
│   ├── FolderInUse       another process works in the same folder
│   └── PackageMissing    an optional package is not installed
└── Interrupted       exit 75: told to end in the middle; the same command goes on
"""

from pathlib import Path


class LoresmithError(Exception):
    """A problem and its next step; both are shown to the user."""

    exit_code = 1

    def __init__(self, problem: str, *, next_step: str) -> None:
        super().__init__(f"{problem}\n→ {next_step}")
        self.problem, self.next_step = problem, next_step


class UserError(LoresmithError):
    """The input, the recipe or the command line must change."""

    exit_code = 2


class MachineError(LoresmithError):
    """The machine must change: disk, memory, packages, another process."""

    exit_code = 3


class Interrupted(LoresmithError):
    """The process was told to end, and wrote down how far it had come. 75 is EX_TEMPFAIL: try again."""

    exit_code = 75


class RecipeError(UserError):
    """A key or a value of the recipe is wrong."""


class ArtifactMissing(UserError):
    """A stage whose result is needed was not finished."""

    def __init__(self, path: Path, *, made_by: str) -> None:
        super().__init__(f"No finished artifact at {path}.", next_step=f"Run `loresmith {made_by}` first.")


class ArtifactCorrupt(UserError):
    """The files of an artifact are not those that its manifest names."""

    def __init__(self, path: Path, what: str, *, made_by: str) -> None:
        super().__init__(
            f"The artifact at {path} is damaged: {what}.",
            next_step=f"Run `loresmith {made_by}` again; it rebuilds the folder.",
        )


class NothingKept(UserError):
    """A stage ended with zero rows, which is never a success."""


class LeakFound(UserError):
    """An exam question, or a near copy of it, stands in the training set."""


class NotBuiltYet(UserError):
    """The recipe asks for something that this version refuses rather than ignores."""


class Unreadable(UserError):
    """One document that cannot be read. `reason` is what `dropped.jsonl` says."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}.", next_step="Fix or remove the file; the others go on.")
        self.path, self.reason = path, reason

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[Path, str]]:
        return (Unreadable, (self.path, self.reason))  # readers run in child processes: it must survive pickling


class FolderInUse(MachineError):
    """Another process holds the lock of the folder."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(
            f"{path} is in use by {holder}.",
            next_step="Wait for it to end, stop it, or choose another folder with --project.",
        )


class PackageMissing(MachineError):
    """An optional package is needed for this."""

    def __init__(self, package: str, *, needed_for: str, extra: str) -> None:
        super().__init__(
            f"{needed_for} needs the package `{package}`, which is not installed.",
            next_step=f"pip install 'loresmith[{extra}]'",
        )
