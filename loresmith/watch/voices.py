"""What people's thumbs say, and whether it calls for a round: read from the feedback that `loresmith serve` keeps."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from loresmith import statistics
from loresmith.lines import records_in
from loresmith.recipe import WatchConfig
from loresmith.records import Estimate
from loresmith.watch.records import Reason, Round

FILE = Path("feedback") / "feedback.jsonl"
FEWEST = 20
"""Thumbs on either side below which no fall is believed."""


class Voice(BaseModel):
    """What is read of a remark; the server writes more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    answer: str
    value: str
    at: str
    refused: bool = False
    version: str | None = None


@dataclass(frozen=True)
class Tally:
    """Thumbs on answers."""

    up: int
    down: int
    refused: int
    """Of the answers, those that declined."""

    @property
    def liked(self) -> Estimate | None:
        """Share of thumbs up; `None` where nobody said anything."""
        return statistics.wilson(self.up, self.up + self.down) if self.up + self.down else None


def voices(place: Path) -> list[Voice]:
    """The last word on each answer in the project or registry `place`, oldest first."""
    found: dict[str, Voice] = {}
    for voice in records_in(place / FILE, Voice):
        found.pop(voice.answer, None)
        found[voice.answer] = voice
    return list(found.values())


def heard(project: Path, registry: Path) -> list[Voice]:
    """As `voices`, of the project; where nobody spoke there, of the registry, which keeps what versions were told."""
    return voices(project) or voices(registry)


def tallied(said: Iterable[Voice]) -> Tally:
    """The thumbs, counted."""
    listed = list(said)
    return Tally(
        up=sum(voice.value == "up" for voice in listed),
        down=sum(voice.value == "down" for voice in listed),
        refused=sum(voice.refused for voice in listed),
    )


def complaint(said: list[Voice], rounds: list[Round], config: WatchConfig) -> Reason | None:
    """Why a round that trains should begin: too many thumbs down since the last such, or fewer thumbs up than before.

    A fall is one from before the champion was promoted to after it, below `alert_below` of what it was, with at least
    20 thumbs on both sides.
    """
    trained = next((one.ended for one in reversed(rounds) if one.reason.trains or one.candidate is not None), "")
    rejected = sum(voice.value == "down" for voice in said if voice.at > trained)
    if config.rejected is not None and rejected >= config.rejected:
        return Reason(kind="rejected", words=f"{rejected} answers were rejected since the last training")
    promoted = next((one.ended for one in reversed(rounds) if one.outcome == "promoted"), "")
    before = tallied(voice for voice in said if voice.at <= promoted).liked
    since = tallied(voice for voice in said if voice.at > max(promoted, trained)).liked
    if before is None or since is None or min(before.n, since.n) < FEWEST:
        return None
    if since.value >= config.alert_below * before.value:
        return None
    words = f"{100 * since.value:.0f}% of {since.n} thumbs are up, and {100 * before.value:.0f}% of {before.n} were"
    return Reason(kind="feedback", words=words)
