"""Rows of OpenAI messages as Parquet files and as a folder of the `datasets` library."""

from pathlib import Path

from loresmith.errors import PackageMissing
from loresmith.exchange.delivery import LOADING, Delivery, columns_of, rows_of_splits, write_card
from loresmith.exchange.messages import MESSAGES


def write_parquet(delivery: Delivery, folder: Path) -> None:
    """Leave `data/<split>.parquet` and a card that names them, as a dataset repository of the Hub has it."""
    files = {split: f"data/{split}.parquet" for split in delivery.splits}
    (folder / "data").mkdir()
    for split, name in files.items():
        write_parquet_file(delivery, split, folder / name)
    write_card(delivery, folder, files, columns_of(MESSAGES, delivery), LOADING)


def write_parquet_file(delivery: Delivery, split: str, path: Path) -> None:
    """Leave the rows of one split in `path`."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as fault:
        raise PackageMissing("pyarrow", needed_for="Writing Parquet", extra="datasets") from fault
    rows = rows_of_splits(MESSAGES, delivery)
    # the types of all splits together: tool calls in one of them must not give it another schema
    schema = pyarrow.Table.from_pylist([row for found in rows.values() for row in found]).schema
    parquet.write_table(pyarrow.Table.from_pylist(rows[split], schema=schema), path)


def write_saved(delivery: Delivery, folder: Path) -> None:
    """Leave what `datasets.load_from_disk` reads: a `DatasetDict`."""
    try:
        from datasets import Dataset, DatasetDict
    except ImportError as fault:
        raise PackageMissing("datasets", needed_for="Writing a `datasets` folder", extra="datasets") from fault
    rows = rows_of_splits(MESSAGES, delivery)
    features = Dataset.from_list([row for found in rows.values() for row in found]).features
    saved = {split: Dataset.from_list(found, features=features) for split, found in rows.items()}
    DatasetDict(saved).save_to_disk(str(folder))
    use = "```python\nfrom datasets import load_from_disk\n\nrows = load_from_disk(FOLDER)\n```"
    write_card(delivery, folder, {}, columns_of(MESSAGES, delivery), use)
