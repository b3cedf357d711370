"""What the dataset card says of a prepared set: sources with their licences, counts, and how the rows are made."""

from collections.abc import Mapping, Sequence

from loresmith.domains.accounts import PlaceAccount
from loresmith.recipe import PrepareConfig

RESTRICTIVE = {"-nc": "no commercial use", "-sa": "passed on under the same licence only"}


def license_of(licenses: Mapping[str, str]) -> str:
    """The one licence of all sources; `other` when they differ, as the Hub calls it."""
    different = set(licenses.values())
    return different.pop() if len(different) == 1 else "other"


def license_notes(licenses: Mapping[str, str]) -> list[str]:
    """What the licences ask for that is easily overlooked."""
    notes = [
        f"{source} ({license_name}): {meaning}."
        for source, license_name in licenses.items()
        for mark, meaning in RESTRICTIVE.items()
        if mark in license_name
    ]
    unknown = [source for source, license_name in licenses.items() if license_name == "unknown"]
    if unknown:
        notes.append(f"Not known, to be found out before rows are passed on: {', '.join(unknown)}.")
    if "cve" in licenses:
        notes.append("cve: the CVE Program's terms of use ask that its copyright notice goes along.")
    return notes


def origin(
    places: Sequence[PlaceAccount],
    domain_weights: Mapping[str, float],
    licenses: Mapping[str, str],
    warnings: Sequence[str],
    config: PrepareConfig,
) -> str:
    """The card's account in Markdown."""
    mixed = ", ".join(f"{name} {weight:g}" for name, weight in domain_weights.items())
    order = "from easy to hard, replay spread evenly" if config.curriculum else "shuffled"
    lines = [
        f"Prepared by Loresmith from training splits; weights: {mixed}; seed {config.seed}; order: {order}.",
        "",
        "| source | place | licence | read | kept | dropped | rows |",
        "|---|---|---|---|---|---|---|",
    ]
    for place in places:
        # a bar in a path would be read as the next cell
        at = place.named.replace("|", "\\|") + (f" at {place.revision[:12]}" if place.revision else "")
        dropped = sum(place.dropped.values())
        lines.append(
            f"| {place.source} | {at} | {place.license} | {place.read} | {place.kept} | {dropped} | {place.rows} |"
        )
    lines += ["", *(f"- {note}" for note in (*license_notes(licenses), *warnings))]
    lines += [
        "",
        "`report.html` shows the coverage; `loresmith-dataset.json` names every row that was dropped, and why.",
    ]
    return "\n".join(lines)
