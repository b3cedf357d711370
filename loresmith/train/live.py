"""How a training goes, as one HTML file that loads itself again while it works: no script, no outside part.

Bounded in size, however long the log grows: a curve has at most `MOST_POINTS` points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Any

from loresmith.pictures import curve

RUNNING, DONE, ENDED = "running", "done", "ended"
WORDS = {RUNNING: "training", DONE: "finished", ENDED: "ended early; the same command goes on"}
SECONDS_BETWEEN_LOADS = 2
MOST_POINTS = 300
EVERYTHING = "everything"
"""What the adapter without a name learns."""

Points = list[tuple[float, float]]


@dataclass
class View:
    """What the page shows."""

    names: tuple[str, ...]
    """Of the adapters, in order; empty for the one that learns everything."""
    name: str = ""
    state: str = RUNNING
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    left: float | None = None
    """Seconds, as far as one can tell."""
    note: str = ""
    clock: str = ""
    logged: Sequence[dict[str, Any]] = ()
    examined: Sequence[dict[str, Any]] = ()
    speeds: Points = field(default_factory=list)
    """Step and tokens a second."""
    finished: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Adapters with their figures."""

    def begin(self, name: str) -> None:
        """Show another adapter."""
        self.name, self.done, self.total, self.seconds, self.left, self.note = name, 0, 0, 0.0, None, ""
        self.logged, self.examined, self.speeds = (), (), []


def page(view: View) -> str:
    """The whole file."""
    what = view.name if view.name or len(view.names) < 2 else EVERYTHING
    title = ": ".join(part for part in (WORDS[view.state], what) if part)
    reload = f'<meta http-equiv="refresh" content="{SECONDS_BETWEEN_LOADS}">' if view.state == RUNNING else ""
    style = (files("loresmith.train") / "live.css").read_text(encoding="utf-8")
    panels = "".join(f"<figure><figcaption>{caption}</figcaption>{svg}</figure>" for caption, svg in _pictures(view))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">{reload}'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>\n"
        f"<h1>{escape(title)}</h1>{_bar(view)}{_facts(view)}\n{panels or '<p>Nothing is logged yet.</p>'}\n"
        f"{_others(view)}<p class=end>As of {escape(view.clock)}.</p></main></body></html>\n"
    )


def series(view: View) -> dict[str, list[curve.Series]]:
    """The curves by the caption of their picture."""

    def of(lines: Sequence[dict[str, Any]], key: str) -> tuple[tuple[float, float], ...]:
        return thinned([(line["step"], line[key]) for line in lines if line.get(key) is not None])

    return {
        "Loss, in nats per token of an answer": [
            curve.Series("training", "train", of(view.logged, "loss")),
            curve.Series("validation", "watch", of(view.logged, "validation_loss")),
        ],
        "Short exams, share of right answers": [
            curve.Series("questions", "train", of(view.examined, "recall")),
            curve.Series("general", "watch", of(view.examined, "general")),
        ],
        "Learning rate": [curve.Series("rate", "train", of(view.logged, "learning_rate"), ".2g")],
        "Tokens a second": [curve.Series("tokens/s", "train", thinned(view.speeds), ".0f")],
    }


def thinned(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """At most about `MOST_POINTS` of `points`, evenly, with the last one."""
    every = -(-len(points) // MOST_POINTS) or 1
    kept = points[::every]
    return tuple(kept if not points or kept[-1] == points[-1] else (*kept, points[-1]))


def _pictures(view: View) -> list[tuple[str, str]]:
    shown = {caption: [one for one in lines if one.points] for caption, lines in series(view).items()}
    return [(caption, curve.drawn(lines, "optimizer steps", caption)) for caption, lines in shown.items() if lines]


def _bar(view: View) -> str:
    share = view.done / view.total if view.total else 0.0
    return f'<div class="bar"><i style="width:{100 * share:.1f}%"></i></div>'


def _facts(view: View) -> str:
    facts = [("step", f"{view.done} of {view.total}"), ("so far", duration(view.seconds))]
    if view.left is not None and view.state == RUNNING:
        facts.append(("left", f"about {duration(view.left)}"))
    facts += [(key, f"{view.speeds[-1][1]:,.0f}") for key in ("tokens/s",) if view.speeds]
    if len(view.names) > 1:
        facts.append(("adapter", f"{view.names.index(view.name) + 1} of {len(view.names)}"))
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f"<dl>{shown}</dl><p>{escape(view.note)}</p>"


def _others(view: View) -> str:
    """The adapters that are finished, where there are several."""
    if len(view.names) < 2 or not view.finished:
        return ""
    rows = "".join(
        f"<tr><th scope=row>{escape(name or EVERYTHING)}</th>"
        + "".join(f"<td>{_number(figures.get(key))}</td>" for key in ("steps", "last_loss", "exam_recall"))
        + "</tr>"
        for name, figures in view.finished
    )
    head = "".join(f"<th scope=col>{name}</th>" for name in ("Adapter", "Steps", "Last loss", "Exam"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def duration(seconds: float) -> str:
    """`48 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def _number(value: Any) -> str:
    return "—" if value is None else f"{value:.4g}"
