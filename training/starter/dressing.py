"""Corpus text dressed as a paper: other names and numbers in its sentences, and sentences such as papers have.

The corpus (an encyclopedia, textbooks, novels) names few systems, measures little and abbreviates next to nothing; the
documents that people bring are full of "Brea-7B", "12,800" and "Klaithor Mot Random (KMR)". Names and numbers drawn by
lot have one more virtue: they cannot be known, only read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from loresmith.generate.plain import capitalised
from training.starter.coined import system, value, word
from training.starter.tasks import pick, shuffled

EXCHANGED = 0.7
"""Share of the names and numbers of a text that give way to drawn ones."""
SET_IN = 0.55
"""Share of the paragraphs that get sentences of the trade."""
LISTED = 0.1
"""Share of the paragraphs after which a list of settings stands."""
HEADED = 0.2
"""Share of the paragraphs over which a heading stands."""
RECURRING = 0.55
"""Share of the systems in the sentences of the trade that the document names again and again."""
MENTIONED = 0.6
"""Share of the introduced abbreviations that the paragraph goes on using."""
MOST_THINGS = 6_000

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}(?![\w-])")
_NUMBER = re.compile(r"(?<![\w.,$-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-]|[.,]\d)")
_MEANING = re.compile(
    r"\b(?:is|was) (an? [a-z][a-z -]{3,40} (?:that|which|of|for|used|in|with|by) [a-z][\w ’'-]{10,70})(?=[.;])"
)
_THING = re.compile(r"\b(?:the|an?) ([a-z]{4,}(?: [a-z]{4,})?) (?=of|in|for|is|was|are|has|that)")
_SENTENCE_END = re.compile(r"(?<=[a-z)]\.) (?=[A-Z])")
_SHORT = re.compile(r"\(([A-Z]{2,})\)")
_SMALL = ("of", "for", "in", "with", "from", "and")

MEASURES = ("accuracy", "score", "F1 score", "perplexity", "pass rate", "exact match", "recall", "error rate", "share")
COUNTED = (
    "steps", "tokens", "layers", "epochs", "examples", "problems", "tasks", "heads", "documents", "experts", "samples",
    "questions", "languages", "parameters", "people", "trials", "plants", "patients", "cells", "years", "pages",
)  # fmt: skip
SETTINGS = (
    "Batch size", "Learning rate", "Number of epochs", "Dropout", "Warm-up", "Optimizer", "Seed", "Context", "Version",
    "Material", "Author", "Status", "Length", "Score", "Default", "Licence", "Format", "Port", "Unit", "Range",
)  # fmt: skip


@dataclass(frozen=True)
class Wardrobe:
    """What the sets of sentences are filled with, gathered from the corpus."""

    meanings: tuple[str, ...]
    """What things are: "a group of cells that share a wall"."""
    things: tuple[str, ...]
    """Short noun phrases without article."""
    cast: tuple[str, ...] = ()
    """Systems that one document names again and again, the one it is about first."""


def wardrobe(texts: Iterable[str]) -> Wardrobe:
    """The meanings and things that `texts` name, in the order of their first mention."""
    meanings: dict[str, None] = {}
    things: dict[str, None] = {}
    for text in texts:
        meanings |= dict.fromkeys(_MEANING.findall(text))
        if len(things) < MOST_THINGS:
            things |= dict.fromkeys(_THING.findall(text))
    return Wardrobe(tuple(meanings) or ("a part of the whole",), tuple(things) or ("part",))


def dressed(text: str, rng: np.random.Generator, store: Wardrobe) -> str:
    """`text` with a title, headings, drawn names and numbers, sentences of the trade and lists of settings."""
    store = replace(store, cast=tuple(system(rng) for _ in range(int(rng.integers(2, 6)))))
    swapped = _exchanged(text, rng)
    paragraphs = [_title(rng, store)]
    for paragraph in swapped.split("\n\n"):
        if rng.random() < HEADED:
            paragraphs.append(f"## {_heading(rng, store)}")
        if len(paragraph) > 150 and rng.random() < SET_IN:
            paragraph = _with_sentences(paragraph, rng, store)
        paragraphs.append(paragraph)
        if rng.random() < LISTED:
            paragraphs.append(_settings(rng, store))
    return "\n\n".join(paragraphs)


def _title(rng: np.random.Generator, store: Wardrobe) -> str:
    """A title that holds the name of what the document is about, most of the time."""
    about = store.cast[0]
    return pick(rng, (f"# {about}", f"# {about}", f"# {about} Technical Report", f"# {_heading(rng, store)}"))


def _heading(rng: np.random.Generator, store: Wardrobe) -> str:
    one, other = (" ".join(map(capitalised, pick(rng, store.things).split())) for _ in range(2))
    return pick(rng, (one, f"{one} of {other}", f"{one} and {other}", f"Training {pick(rng, store.cast)}"))


def number(rng: np.random.Generator) -> str:
    """A number in one of the ways in which papers write them."""
    small, large = int(rng.integers(2, 130)), int(rng.integers(1, 1000))
    drawn: tuple[Callable[[], str], ...] = (
        lambda: str(small),
        lambda: f"{rng.random() * 100:.1f}",
        lambda: f"{rng.random() * 100:.{rng.integers(0, 3)}f}%",
        lambda: f"{large},{rng.integers(0, 1000):03d}",
        lambda: f"{small}{pick(rng, 'KMBT')}",
        lambda: f"{rng.random():.{rng.integers(1, 4)}f}",
        lambda: f"{rng.random() * 10:.1f}{pick(rng, ('B', 'M', 'x', 'T'))}",
        lambda: f"{small} {pick(rng, ('million', 'billion', 'GB', 'ms', 'hours', 'km', 'percent'))}",
        lambda: str(large),
    )
    return pick(rng, drawn)()


def _exchanged(text: str, rng: np.random.Generator) -> str:
    """Every name for another one wherever it stands, and numbers for others."""
    names = [name for name in dict.fromkeys(_NAME.findall(text)) if rng.random() < EXCHANGED]
    if names:
        others = {name: _name(rng) for name in names}
        first: dict[str, str] = {name: _introduced(rng)[0] for name in names if rng.random() < 0.15}
        pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + r")\b")
        text = pattern.sub(lambda found: first.pop(found[0], others[found[0]]), text)
    return _NUMBER.sub(lambda found: _other_number(found[0], rng), text)


def _other_number(old: str, rng: np.random.Generator) -> str:
    if rng.random() > EXCHANGED:
        return old
    if re.fullmatch(r"1[5-9]\d\d|20[012]\d", old):
        return value(rng, "year")
    return number(rng)


def _name(rng: np.random.Generator) -> str:
    drawn: tuple[Callable[[], str], ...] = (
        lambda: system(rng),
        lambda: system(rng),
        lambda: value(rng, "person"),
        lambda: word(rng).capitalize(),
    )
    return pick(rng, drawn)()


def _introduced(rng: np.random.Generator, store: Wardrobe | None = None) -> tuple[str, str]:
    """A long name with its abbreviation, "Brea Mot of Klai (BMK)", and the abbreviation."""
    count = int(rng.integers(2, 5))
    natural = store is not None and rng.random() < 0.7
    parts = [pick(rng, store.things).split()[-1] if natural and store else word(rng, 1) for _ in range(count)]
    short = "".join(part[0] for part in parts).upper()
    style = rng.random()
    if style < 0.55:
        parts = [part.capitalize() for part in parts]
    joint = "-" if style > 0.8 else " "
    if count > 2 and rng.random() < 0.2:
        parts.insert(int(rng.integers(1, count)), pick(rng, _SMALL))
    return f"{joint.join(parts)} ({short})", short


def _with_sentences(paragraph: str, rng: np.random.Generator, store: Wardrobe) -> str:
    """`paragraph` with one to four sentences of the trade between its own; abbreviations recur."""
    parts = _SENTENCE_END.split(paragraph)
    for _ in range(int(rng.integers(1, 5))):
        sentence = pick(rng, TRADE)(rng, store)
        place = int(rng.integers(0, len(parts) + 1))
        parts.insert(place, sentence)
        introduced = _SHORT.search(sentence)
        if introduced and rng.random() < MENTIONED:
            for _ in range(int(rng.integers(1, 4))):
                parts.insert(int(rng.integers(place + 1, len(parts) + 1)), _mentioning(introduced[1], rng, store))
    return " ".join(parts)


def _mentioning(name: str, rng: np.random.Generator, store: Wardrobe) -> str:
    thing, other = pick(rng, store.things), pick(rng, store.things)
    return pick(
        rng,
        (f"{name} needs no {thing}.", f"Here {name} changes the {thing} of the {other}.", f"With {name}, the {thing} "
         f"follows the {other}.", f"This is the {thing} of {name}.", f"We apply {name} to {_system(rng, store)}.",
         f"{_system(rng, store)} does without {name}."),
    )  # fmt: skip


def _system(rng: np.random.Generator, store: Wardrobe) -> str:
    """A system's name, one of the document's own more often than not."""
    return pick(rng, store.cast) if store.cast and rng.random() < RECURRING else system(rng)


def _defining(rng: np.random.Generator, store: Wardrobe) -> str:
    one, thing = _system(rng, store), pick(rng, store.things)
    term = pick(rng, (one, f"The {thing}", _introduced(rng, store)[0], word(rng).capitalize()))
    meaning = pick(rng, store.meanings)
    return pick(rng, (f"{capitalised(term)} is {meaning}.", f"{capitalised(term)} was {meaning}."))


def _abbreviating(rng: np.random.Generator, store: Wardrobe) -> str:
    named, short = _introduced(rng, store)
    thing, other = pick(rng, store.things), pick(rng, store.things)
    return pick(
        rng,
        (f"The authors use {named} for the {thing}.", f"For the {thing}, we turn to {named} and the {other}.",
         f"{capitalised(named)} helps with the {thing} of the {other}.",
         f"We compare {_system(rng, store)} with {named}.",
         f"The {thing} is made by {named}, and {short} needs no {other}.", f"This {thing} rests on {named}."),
    )  # fmt: skip


def _measuring(rng: np.random.Generator, store: Wardrobe) -> str:
    one, other, bench, found = _system(rng, store), _system(rng, store), _system(rng, store), number(rng)
    measure, verb = pick(rng, MEASURES), pick(rng, ("achieves", "reaches", "obtains", "attains", "gets"))
    return pick(
        rng,
        (f"{one} {verb} {_article(measure)} of {found} on {bench}.",
         f"On {bench}, {one} {verb} {_article(measure)} of {found}, while {other} has {number(rng)}.",
         f"{one} {verb} {found} on {bench}.",
         f"{one} outperforms {other} on {bench} by {found} points.",
         f"{one} improves the {measure} of {other} to {found}.",
         f"The {measure} of {one} on {bench} is {found}.",
         f"{one} {verb} {found} on {bench}, which is {number(rng)} points higher than {other}."),
    )  # fmt: skip


def _counting(rng: np.random.Generator, store: Wardrobe) -> str:
    one, counted, found, thing = _system(rng, store), pick(rng, COUNTED), number(rng), pick(rng, store.things)
    return pick(
        rng,
        (f"The authors train {one} for {found} {counted}.",
         f"The authors use a {thing} of {found} for the {pick(rng, store.things)}.",
         f"{one} consists of {found} {counted}.", f"The {thing} contains {found} {counted}.",
         f"The authors set the {thing} to {found}.", f"We used a {thing} of {found} {counted}.",
         f"{one} was trained on {found} {counted} in {value(rng, 'year')}.",
         f"The {thing} holds {found} {counted} for the {pick(rng, store.things)}.",
         f"{one} has {found} {counted}."),
    )  # fmt: skip


def _naming(rng: np.random.Generator, store: Wardrobe) -> str:
    one, other, thing = _system(rng, store), _system(rng, store), pick(rng, store.things)
    person, year = value(rng, "person"), value(rng, "year")
    return pick(
        rng,
        (f"{one} outperforms {other} on the {thing}.", f"The authors choose {one} as the {thing} for the first time.",
         f"{one} was developed by {person} in {year}.", f"{person} founded {one} in {year}.",
         f"The {thing} follows {one} and {other}.", f"{one} supports the {thing} of {other}.",
         f"{one} was introduced in {year}.", f"The authors report the {thing} for {one}.",
         f"{one} performs better for the {thing}."),
    )  # fmt: skip


def _listing(rng: np.random.Generator, store: Wardrobe) -> str:
    count = int(rng.integers(2, 5))
    drawn: tuple[Callable[[], str], ...] = (
        lambda: _system(rng, store),
        lambda: pick(rng, store.things),
        lambda: f"{pick(rng, store.things)} {pick(rng, COUNTED)}",
        lambda: f"{rng.integers(2, 95)}% {pick(rng, store.things)}",
    )
    maker = pick(rng, drawn)
    *most, last = (maker() for _ in range(count))
    comma = "," if count > 2 and rng.random() < 0.5 else ""
    named = f"{', '.join(most)}{comma} and {last}"
    thing, other, kind = pick(rng, store.things), pick(rng, store.things), pick(rng, COUNTED)
    return pick(
        rng,
        (f"The {thing} of {_system(rng, store)} consists of {named}.", f"The {thing} is composed of {named}.",
         f"{_system(rng, store)} mainly consists of {named}.", f"The {thing} comprises {named}.",
         f"{_system(rng, store)} was tested on {kind} such as {named}.",
         f"The authors compare the {thing} on {kind} such as {named}, which have no {other}."),
    )  # fmt: skip


def _reasoning(rng: np.random.Generator, store: Wardrobe) -> str:
    one, other = _system(rng, store), _system(rng, store)
    thing, cause, aim = (pick(rng, store.things) for _ in range(3))
    verb, act = pick(rng, ("reduce", "improve", "avoid", "measure", "support")), pick(rng, ("use", "add", "adopt"))
    why = f"the {cause} of {pick(rng, (other, f'the {aim}'))}"
    return pick(
        rng,
        (f"To {verb} the {aim} of the {cause}, the authors {act} the {thing}.",
         f"The authors {act} {one} to {verb} the {aim}.", f"Due to {why}, {one} needs the {thing}.",
         f"{one} fails because the {cause} has no {aim}.", f"In order to {verb} {why}, {one} starts with the {thing}.",
         f"{one} needs a {thing} because {why} is {pick(rng, ('small', 'large', 'slow', 'rare', 'noisy'))}.",
         f"{one} performs better than {other} due to {why}.", f"The {thing} is kept so that the {aim} stays small."),
    )  # fmt: skip


TRADE = (
    (_defining,) * 4 + (_abbreviating,) * 3 + (_measuring,) * 2 + (_counting,) * 2 + (_naming,) * 2
    + (_listing, _reasoning) * 2
)  # fmt: skip


def _settings(rng: np.random.Generator, store: Wardrobe) -> str:
    """A list of labels and values as appendices and manuals have them."""
    labels: Sequence[str] = shuffled(rng, SETTINGS)[: int(rng.integers(2, 6))]
    lines = []
    for label in labels:
        if rng.random() < 0.35:
            label = pick(rng, store.things).capitalize()
        drawn: tuple[Callable[[], str], ...] = (
            lambda: number(rng),
            lambda: ", ".join(number(rng) for _ in range(int(rng.integers(2, 5)))),
            lambda: system(rng),
            lambda: f"{pick(rng, store.things)} of the {pick(rng, store.things)}",
        )
        lines.append(f"- {label}: {pick(rng, drawn)()}")
    return "\n".join(lines)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiouF' else 'a'} {noun}"
