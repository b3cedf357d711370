"""What is handed over, and how its rows and its card are written into a folder."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loresmith.exchange.dialogue import Dialogue
from loresmith.exchange.row_format import RowFormat

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
LARGEST = "n>1M"
LOADING = "```python\nfrom datasets import load_dataset\n\nrows = load_dataset(FOLDER)\n```"
"""The use of a folder whose card names its files."""


@dataclass(frozen=True)
class Delivery:
    """Dialogues on their way out."""

    name: str
    """Lower-case letters, digits and dashes: trainers use it as an identifier."""
    splits: Mapping[str, Sequence[Dialogue]]
    origin: str
    """A sentence for the card: where the rows come from."""
    license: str
    """As the Hub spells it; `unknown` when nobody said."""
    base_model: str
    """For configurations that cannot do without one."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the columns beside the conversations hold, where it is known."""

    @property
    def dialogues(self) -> list[Dialogue]:
        """Those of all splits."""
        return [dialogue for rows in self.splits.values() for dialogue in rows]

    @property
    def learned(self) -> str:
        """The split that a trainer is pointed at: `train`, or the first where none has that name."""
        return "train" if "train" in self.splits else next(iter(self.splits))


def rows_of_splits(form: RowFormat, delivery: Delivery) -> dict[str, list[dict[str, Any]]]:
    """The rows of every split. All have the same columns, or `load_dataset` refuses; those that no row uses are out."""
    assert form.write is not None
    written = {split: [form.write(dialogue) for dialogue in found] for split, found in delivery.splits.items()}
    unused = {name for name in form.optional if not any(row[name] for rows in written.values() for row in rows)}
    beside = sorted({name for dialogue in delivery.dialogues for name in dialogue.aside})
    return {
        split: [
            {
                "id": dialogue.id,
                **{name: value for name, value in row.items() if name not in unused},
                **{name: dialogue.aside.get(name, "") for name in beside},  # null in a whole file has no type
            }
            for dialogue, row in zip(delivery.splits[split], rows, strict=True)
        ]
        for split, rows in written.items()
    }


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Leave `rows` in `path` as JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


class Function(str):
    """In YAML, the name of a function in a file of Python beside it, as lm-evaluation-harness spells it."""


def write_yaml(path: Path, content: dict[str, Any]) -> None:
    """Leave `content` in `path` as YAML, its keys in their order."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Of its own, so that no other YAML learns the tag."""

    Dumper.add_representer(Function, lambda dumper, name: dumper.represent_scalar("!function", str(name)))
    path.write_text(yaml.dump(content, Dumper=Dumper, sort_keys=False), encoding="utf-8")


def write_splits(delivery: Delivery, form: RowFormat, folder: Path) -> dict[str, str]:
    """Leave `<split>.jsonl` for every split in `folder`; the names of the files by split."""
    files = {split: f"{split}.jsonl" for split in delivery.splits}
    for split, rows in rows_of_splits(form, delivery).items():
        write_lines(folder / files[split], rows)
    return files


def write_card(
    delivery: Delivery, folder: Path, files: Mapping[str, str], columns: Mapping[str, str], use: str
) -> None:
    """Leave the dataset card: a YAML head that the Hub and `load_dataset` read, and what a person wants to know."""
    import yaml

    head: dict[str, Any] = {
        "license": delivery.license,
        "pretty_name": delivery.name,
        "size_categories": [size_category(len(delivery.dialogues))],
        "task_categories": ["text-generation"],
        "tags": ["loresmith"],
    }
    if files:
        listed = [{"split": split, "path": path} for split, path in files.items()]
        head["configs"] = [{"config_name": "default", "data_files": listed}]
    lines = ["---", yaml.safe_dump(head, sort_keys=False).strip(), "---", "", f"# {delivery.name}", ""]
    lines += [delivery.origin, "", "| split | conversations | turns |", "|---|---|---|"]
    for split, dialogues in delivery.splits.items():
        lines.append(f"| {split} | {len(dialogues)} | {sum(len(dialogue.turns) for dialogue in dialogues)} |")
    lines += ["", "| column | holds |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in columns.items()]
    lines += ["", "## Use", "", use.strip(), "", _license_line(delivery.license), ""]
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")


def columns_of(form: RowFormat, delivery: Delivery) -> dict[str, str]:
    """Column to meaning, for the card."""
    names = next(iter(rows_of_splits(form, delivery).values()))[0]
    known = {**delivery.columns, **form.columns}
    return {
        name: "identifier of the conversation" if name == "id" else known.get(name, "kept from the source")
        for name in names
    }


def size_category(size: int) -> str:
    """The Hub's name for a dataset of `size` rows."""
    return next((name for below, name in SIZES if size < below), LARGEST)


def _license_line(license_name: str) -> str:
    if license_name == "unknown":
        return "The licence is not known: find out what the sources allow before passing these rows on."
    return f"Licence: {license_name}."
