"""The training split of a dataset of the Hub, through `datasets.load_dataset` and its cache."""

import re
from dataclasses import dataclass
from pathlib import Path

from loresmith.errors import MachineError, PackageMissing, UserError
from loresmith.exchange.files import Portion, Row

COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class HubDataset:
    """One configuration of a dataset repository."""

    id: str
    configuration: str | None = None
    revision: str | None = None

    @property
    def shown(self) -> str:
        """The id, the configuration behind a colon."""
        return f"{self.id}:{self.configuration}" if self.configuration else self.id


def load(place: HubDataset, name: str, split: str = "train", option: str = "--from") -> tuple[Portion, str | None]:
    """The rows of a split, and the commit they are from, where the library says it.

    Args:
        place: Where the rows are.
        name: What `option` calls the source; the errors say how a local copy is given.
        split: The Hub's name of the split.
        option: The flag that takes a local copy.

    Raises:
        UserError: there is no such dataset, configuration or split, it must be signed for, or the Hub is out of reach.
        MachineError: the files cannot be stored.
        PackageMissing: `datasets` is not installed.
    """
    try:
        from datasets import load_dataset
        from datasets.exceptions import DatasetNotFoundError, DatasetsError
    except ImportError as fault:
        raise PackageMissing("datasets", needed_for="Reading from the Hub", extra="datasets") from fault
    copy = (
        f"Give a local copy with {option} {name}=FOLDER, made by `hf download {place.id} --repo-type dataset"
        " --local-dir FOLDER` where there is a network."
    )
    try:
        found = load_dataset(place.id, place.configuration, split=split, revision=place.revision)
    except DatasetNotFoundError as fault:
        raise UserError(f"{_first_line(fault)} (source {name}: {place.shown})", next_step=copy) from fault
    except ValueError as fault:  # an unknown configuration or split; the message lists those that are there
        raise UserError(f"{place.shown}: {_first_line(fault)}", next_step="Choose one that is there.") from fault
    except (ConnectionError, FileNotFoundError) as fault:
        raise UserError(
            f"{place.shown} (source {name}) is not in the local cache, and the Hub cannot be reached.", next_step=copy
        ) from fault
    except (DatasetsError, RuntimeError) as fault:
        raise UserError(f"{place.shown} cannot be read: {_first_line(fault)}", next_step=copy) from fault
    except OSError as fault:
        raise MachineError(f"{place.shown} could not be stored: {fault}.", next_step="Free some space.") from fault
    rows = (Row(f"{place.shown}, {split} row {number}", content) for number, content in enumerate(found, 1))
    return Portion(split, Path(place.id), tuple(rows)), _commit([file["filename"] for file in found.cache_files])


def _commit(files: list[str]) -> str | None:
    """The library keeps its files in a folder that is named after the commit."""
    names = (Path(file).parent.name for file in files)
    return next((name for name in names if COMMIT.fullmatch(name)), None)


def _first_line(fault: Exception) -> str:
    lines = str(fault).strip().splitlines()
    return lines[0].strip() if lines else type(fault).__name__
