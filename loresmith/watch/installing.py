"""The files that let a machine look by itself: a timer of systemd, or a line for cron."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EVERY_MINUTES = 15


@dataclass(frozen=True)
class Installation:
    """What is to be written, and the command that starts it."""

    files: Mapping[Path, str]
    next_step: str


def command(project: Path, registry: Path | None) -> list[str]:
    """The words that look once."""
    beside = ["--registry", str(registry.resolve())] if registry is not None else []
    return [sys.executable, "-m", "loresmith.cli", "watch", str(project.resolve()), "--once", *beside]


def systemd(name: str, words: list[str], minutes: int, home: Path) -> Installation:
    """Units of the user's systemd that look every `minutes`, also for a look that was missed while it was off."""
    folder, unit = home / ".config" / "systemd" / "user", f"loresmith-watch-{name}"
    quoted = " ".join(_quoted(word) for word in words)
    service = (
        f"[Unit]\nDescription=Loresmith watches {name}\n\n[Service]\nType=oneshot\nExecStart={quoted}\nNice=10\n"
        "TimeoutStartSec=infinity\n"
    )
    timer = (
        f"[Unit]\nDescription=Loresmith looks at {name} every {minutes} minutes\n\n[Timer]\nOnBootSec=2min\n"
        f"OnUnitInactiveSec={minutes}min\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
    files = {folder / f"{unit}.service": service, folder / f"{unit}.timer": timer}
    return Installation(files, f"systemctl --user daemon-reload && systemctl --user enable --now {unit}.timer")


def cron(words: list[str], minutes: int) -> Installation:
    """The line for `crontab -e`; `%` would end a command there."""
    line = f"*/{minutes} * * * * {shlex.join(words)}".replace("%", r"\%")
    return Installation({}, f"(crontab -l 2>/dev/null; echo {shlex.quote(line)}) | crontab -")


def write(installation: Installation) -> None:
    """Put the files in their places."""
    for path, text in installation.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _quoted(word: str) -> str:
    """A word of ExecStart: `%` and `$` stand for themselves when doubled."""
    plain = word.replace("%", "%%").replace("$", "$$").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"' if any(sign.isspace() for sign in plain) else plain
