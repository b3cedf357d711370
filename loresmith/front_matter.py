"""The YAML at the top of a card."""

from pathlib import Path
from typing import Any

from loresmith.errors import UserError

NO_LICENSE = ("", "none", "unknown")


def head(card: Path, *, next_step: str) -> dict[str, Any]:
    """What stands between the two lines of `---` at the top of `card`; empty where that is no mapping.

    Raises:
        UserError: it cannot be read, or there is no such head; advises `next_step`.
    """
    import yaml

    try:
        _, raw, _ = card.read_text(encoding="utf-8-sig").split("---\n", 2)
        found = yaml.safe_load(raw)
    except (OSError, ValueError, yaml.YAMLError) as fault:
        raise UserError(
            f"{card} is no card: it does not begin with a YAML head between two lines of `---`.", next_step=next_step
        ) from fault
    return found if isinstance(found, dict) else {}


def license_in(found: dict[str, Any]) -> str | None:
    """The licence that a head names, several joined by commas; `None` where it names none or an unknown one."""
    told = found.get("license") or ""
    named = [str(one) for one in (told if isinstance(told, list) else [told])]
    return None if any(one.strip().lower() in NO_LICENSE for one in named) else ", ".join(named)
