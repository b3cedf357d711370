"""What can be written, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from loresmith.exchange import arrow, llama_factory, lm_eval, trainers
from loresmith.exchange.delivery import LOADING, Delivery, columns_of, write_card, write_splits
from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.formats import FORMATS
from loresmith.exchange.row_format import RowFormat, always_fits


@dataclass(frozen=True)
class Target:
    """One way of handing dialogues over, as a folder."""

    name: str
    about: str
    write: Callable[[Delivery, Path], None]
    unfit: Callable[[Dialogue], str | None] = always_fits
    """Why a dialogue is left out, since it would lose a part of what was said."""
    rows: Literal["training", "exam"] = "training"
    """Which rows of a project are meant when nothing else is asked for."""
    keeps_contexts: bool = False


def _of_rows(form: RowFormat) -> Target:
    def write(delivery: Delivery, folder: Path) -> None:
        files = write_splits(delivery, form, folder)
        write_card(delivery, folder, files, columns_of(form, delivery), LOADING)

    is_exam = form.name == "ragas"
    return Target(form.name, form.about, write, form.unfit, "exam" if is_exam else "training", is_exam)


TARGETS: Mapping[str, Target] = MappingProxyType(
    {form.name: _of_rows(form) for form in FORMATS.values() if form.write is not None}
    | {
        target.name: target
        for target in (
            Target("datasets", "a folder for datasets.load_from_disk, rows of messages", arrow.write_saved),
            Target("parquet", "Parquet files and a card, as on the Hub, rows of messages", arrow.write_parquet),
            Target("llama-factory", "a data folder with dataset_info.json", llama_factory.write, llama_factory.unfit),
            Target("axolotl", "rows and axolotl.yaml", trainers.write_axolotl, trainers.unfit),
            Target("unsloth", "rows and the lines that load them", trainers.write_unsloth, trainers.unfit),
            Target("autotrain", "rows and autotrain.yml", trainers.write_autotrain, trainers.unfit),
            Target("lm-eval", "tasks of lm-evaluation-harness", lm_eval.write, lm_eval.unfit, "exam"),
        )
    }
)
