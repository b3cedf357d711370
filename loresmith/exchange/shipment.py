"""What of a folder may be published: the files that its conversion wrote, whole, under a licence, without an exam.

Left behind: files that the conversion did not write, and its account of itself, which names places of this machine and
rows that were set aside. The card may be edited by hand: its head is checked, not its bytes. Not judged: whether the
documents that the rows were made from allow it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from loresmith.artifact import DROPPED, hash_file
from loresmith.errors import UserError
from loresmith.exchange.files import REPORT
from loresmith.front_matter import head, license_in
from loresmith.hub.parcel import Item, Parcel

CARD = "README.md"
ACCOUNTS = {
    REPORT: "the account of the conversion, with paths of this machine",
    DROPPED: "rows that were set aside",
}
NOT_WRITTEN = "no file of the conversion"


class Wrote(BaseModel):
    """The part of a report that counts rows."""

    model_config = ConfigDict(extra="ignore")

    written: dict[str, int]


class Listing(BaseModel):
    """The part of a report that says what is in the folder."""

    model_config = ConfigDict(extra="ignore")

    files: dict[str, tuple[int, str]]
    """Path in the folder to (bytes, sha256)."""
    exams: list[str]
    """Splits of held-out rows."""
    wrote: Wrote


@dataclass(frozen=True)
class Shipment:
    """Files that may go out."""

    folder: Path
    files: Mapping[str, tuple[int, str]]
    """Path in the folder to (bytes, sha256)."""
    rows: int
    license: str
    exams: tuple[str, ...]
    """Splits of held-out rows among them."""
    left_behind: Mapping[str, str]
    """File to the reason why it stays."""

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(size for size, _ in self.files.values())

    def parcel(self) -> Parcel:
        """The same as the Hub takes it."""
        return Parcel(
            files={name: Item(self.folder / name, size, sha256) for name, (size, sha256) in self.files.items()},
            license=self.license,
            message=f"{self.rows} rows from Loresmith",
            left_behind=self.left_behind,
        )


def pack(folder: Path, *, with_exams: bool = False) -> Shipment:
    """What of `folder` may be published.

    Raises:
        UserError: it is no folder of a conversion or not whole, its card is missing or names no licence, or it holds
            held-out rows and `with_exams` is not said.
    """
    listing = _listing(folder)
    card = _card(folder, listing)
    files = {name: listed for name, listed in listing.files.items() if name not in ACCOUNTS}
    for name, listed in files.items():
        _require_whole(folder, name, listed)
    if listing.exams and not with_exams:
        raise UserError(
            f"{folder} holds held-out exam rows ({', '.join(listing.exams)}). Published exams end up in the training "
            "sets of later models, which then know the answers and prove nothing.",
            next_step="Export the training rows instead (--rows training), or add --with-exams if you mean it.",
        )
    files[CARD] = ((folder / CARD).stat().st_size, hash_file(folder / CARD))
    return Shipment(
        folder=folder,
        files=dict(sorted(files.items())),
        rows=sum(listing.wrote.written.values()),
        license=card,
        exams=tuple(listing.exams),
        left_behind=_left_behind(folder, files),
    )


def _listing(folder: Path) -> Listing:
    write = "`loresmith dataset export PROJECT FOLDER --to messages --license NAME`"
    try:
        return Listing.model_validate_json((folder / REPORT).read_bytes())
    except OSError as fault:
        raise UserError(
            f"{folder} is no exported dataset: there is no {REPORT} in it.", next_step=f"Write one with {write}."
        ) from fault
    except ValidationError as fault:
        raise UserError(
            f"{folder / REPORT} is damaged, or of a version that kept no hashes of the files.",
            next_step=f"Write the folder again, with --force: {write}.",
        ) from fault


def _require_whole(folder: Path, name: str, listed: tuple[int, str]) -> None:
    path = folder / name
    inside = path.resolve().is_relative_to(folder.resolve())
    if PurePosixPath(name).is_absolute() or not inside:
        fault = "lies outside the folder"
    elif not path.is_file():
        fault = "is missing"
    elif name != CARD and (path.stat().st_size != listed[0] or hash_file(path) != listed[1]):
        fault = "is not the file that was written"
    else:
        return
    raise UserError(
        f"{folder} is not whole: {name} {fault}.", next_step="Write the folder again with the same command and --force."
    )


def _card(folder: Path, listing: Listing) -> str:
    """The licence that the card names."""
    if CARD not in listing.files:
        raise UserError(f"{folder} was written without a dataset card ({CARD}).", next_step="Write it again.")
    _require_whole(folder, CARD, listing.files[CARD])
    anew = "Write the folder again with the same command and --force."
    named = license_in(head(folder / CARD, next_step=anew))
    if named is None:
        raise UserError(
            f"The card of {folder} names no licence, so nobody may use what is published.",
            next_step="Write the folder again with --license NAME --force (cc-by-4.0, mit, ... as the Hub spells it), "
            f"or put `license: NAME` into the head of {folder / CARD}.",
        )
    return named


def _left_behind(folder: Path, files: Mapping[str, Any]) -> dict[str, str]:
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return {name: ACCOUNTS.get(name, NOT_WRITTEN) for name in there if name not in files}
