"""What `loresmith generate` turned away, as a table for people."""

from loresmith.artifact import Artifact


def rejections(made: Artifact) -> list[str]:
    """One line for each reason, the most frequent first, and what the dearer checks found; none when nothing fell."""
    ranked = sorted(made.manifest.reasons.items(), key=lambda item: (-item[1], item[0]))
    lines = ["  set aside  reason"] if ranked else []
    lines += [f"  {count:>9,}  {reason}" for reason, count in ranked]
    for name, found in made.manifest.notes.get("teacher", {}).get("checks", {}).items():
        lines.append(f"  {name}: {found['passed']:,} of {found['asked']:,} questions pass")
    if (found := made.manifest.notes.get("retrievable")) is not None:
        share = f"{found['found']:,} of {found['questions']:,} questions"
        lines.append(f"  retrievable: {share} have their passage among the first {found['first']} found")
    return lines
