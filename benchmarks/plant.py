"""The documents of a small plant that does not exist: tables of parts, a corrected one, and a backup that is noise."""

import random
from dataclasses import dataclass

ROWS = 6
NOISE_ROWS, NOISE_WORDS = 12, 8


@dataclass(frozen=True)
class Kind:
    """What a table is about."""

    part: str
    codes: tuple[str, ...]
    columns: tuple[str, ...]
    words: tuple[str, ...]
    """Values of the last column."""


KINDS = {
    "valves": Kind("Valve", ("RV", "CV", "GV"), ("Pressure (bar)", "Weight (kg)", "Material"), ("brass", "steel", "iron", "copper")),  # noqa: E501
    "pumps": Kind("Pump", ("FP", "DP", "LP"), ("Flow (l/min)", "Power (W)", "Maker"), ("Keller", "Brandt", "Novak", "Sato")),  # noqa: E501
    "tanks": Kind("Tank", ("UT", "BT", "WT"), ("Volume (l)", "Height (m)", "Lining"), ("epoxy", "cement", "glass", "rubber")),  # noqa: E501
    "motors": Kind("Motor", ("EM", "SM", "TM"), ("Speed (rpm)", "Current (A)", "Cooling"), ("air", "water", "oil", "none")),  # noqa: E501
}  # fmt: skip


def table(name: str, *, edition: int = 1) -> str:
    """The document `name`; another edition has the same parts and other values."""
    kind = KINDS[name]
    parts = random.Random(name)
    values = random.Random(f"{name} {edition}")
    named = [
        f"{code}-{number}" for code in kind.codes for number in parts.sample(range(1, 30), ROWS // len(kind.codes))
    ]
    rows = [
        [part, str(values.randint(2, 60)), str(values.randint(2, 9) * 100), values.choice(kind.words)] for part in named
    ]
    return _document(f"{name.capitalize()} of the plant", [kind.part, *kind.columns], rows)


def backup(name: str) -> str:
    """A backup of the document `name` that came back broken: the parts are right, the values are letters by chance."""
    kind, chance = KINDS[name], random.Random(f"{name} backup")
    numbers = chance.sample(range(1, 30), NOISE_ROWS)
    rows = [
        [f"{kind.codes[number % len(kind.codes)]}-{number}", *(_noise(chance) for _ in kind.columns)]
        for number in numbers
    ]
    return _document(f"{name.capitalize()} of the plant, backup", [kind.part, *kind.columns], rows)


def _noise(chance: random.Random) -> str:
    letters = "bcdfghjklmnpqrstvwxz"
    return " ".join("".join(chance.choices(letters, k=chance.randint(3, 6))) for _ in range(NOISE_WORDS))


def _document(title: str, header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return f"# {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
