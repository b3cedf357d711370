"""Steps in words: a line per stage for people, a row per stage for `--json`."""

from typing import Any

from loresmith.artifact import Artifact
from loresmith.pipeline import Step

ROWS_CALLED = {
    "ingest": "documents",
    "chunk": "chunks",
    "generate": "questions",
    "split": "questions",
    "index": "passages",
    "train": "conversations",
    "evaluate": "answers",
    "benchmark": "answers",
    "parity": "questions",
    "gguf": "answers",
    "endpoint": "answers",
}


def explain_state(step: Step) -> str:
    """What is about to happen to a stage, and why."""
    why = f" ({step.state.why})" if step.state.why and step.state.kind != "missing" else ""
    doing = {"fresh": "up to date", "missing": "to be made", "stale": "stale", "corrupt": "damaged, made anew"}
    return f"{step.stage.name:<9} {doing[step.state.kind]}{why}"


def line_of(step: Step) -> str:
    """What a finished stage holds."""
    if step.artifact is None:
        return explain_state(step)
    manifest = step.artifact.manifest
    called = ROWS_CALLED.get(step.stage.name)
    kept, dropped = manifest.counts.get("kept"), manifest.counts.get("dropped", 0)
    parts = [f"{kept} {called}" if called and kept else ", ".join(sorted(_outputs(step.artifact)))]
    if dropped:
        parts.append(f"{dropped} set aside ({_reasons(step.artifact)})")
    made = "up to date" if step.state.kind == "fresh" else f"{manifest.seconds:.1f} s"
    return f"{step.stage.name:<9} {'; '.join(parts)}  [{made}]  {step.artifact.path}"


def row_of(step: Step) -> dict[str, Any]:
    """A finished or planned stage for machines."""
    row: dict[str, Any] = {"stage": step.stage.name, "state": step.state.kind, "why": step.state.why}
    if step.artifact is not None:
        manifest = step.artifact.manifest
        row |= {
            "path": str(step.artifact.path),
            "content": manifest.content,
            "fingerprint": manifest.fingerprint,
            "counts": manifest.counts,
            "reasons": manifest.reasons,
            "seconds": manifest.seconds,
            "peak_memory_bytes": manifest.peak_memory_bytes,
        }
    return row


def _outputs(made: Artifact) -> list[str]:
    return [name for name in made.manifest.files if "/" not in name]


def _reasons(made: Artifact, most: int = 3) -> str:
    ranked = sorted(made.manifest.reasons.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{count} {reason}" for reason, count in ranked[:most]]
    return ", ".join(shown) + (", …" if len(ranked) > most else "")
