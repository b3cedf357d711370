"""Made-up names and values: words that mean nothing, things to have facts about, amounts, years, places."""

from __future__ import annotations

import numpy as np

from training.starter.tasks import pick


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


ONSETS = _listed("b br c ch cl d dr f fl g gl gr h j k kl l m n p pl pr qu r s sh sk sl st t th tr v w y z")
VOWELS = _listed("a e i o u ai ea ei ia io oa ou")
CODAS = _listed("b ck d l ll m n nd ng nt p r rd rk s sk st t th x")
KINDS = _listed(
    "river lake bridge ship village mineral engine library telescope treaty festival beetle fern museum protocol valve "
    "satellite school dialect recipe pump model archive method device company tower crater"
)
PLACES = _listed(
    "Norway Kenya Peru Japan Canada Iceland Ghana Chile Nepal Spain Turkey Poland Vietnam Oman Cuba Mali Boston Lisbon "
    "Cairo Osaka Geneva Madrid Vienna Dublin Quito Hanoi Oslo Prague Lagos Delhi"
)
COLOURS = _listed("red blue green yellow black white grey purple orange brown silver golden crimson violet pale dark")
MATERIALS = _listed("copper iron glass oak clay bronze steel marble granite silk wool paper leather amber tin cedar")
UNITS = _listed("kg km metres litres hours days volts watts bar pages tonnes seconds degrees miles percent layers")
PURPOSES = tuple(
    f"{verb} {thing}"
    for verb in _listed(
        "measuring storing cleaning sorting cooling moving counting drying mixing sending finding marking"
    )
    for thing in _listed("water grain letters stones heat salt light metal cloth maps seeds words")
)


def word(rng: np.random.Generator, syllables: int = 0) -> str:
    """A pronounceable word that means nothing."""
    count = syllables or int(rng.integers(2, 4))
    parts = [pick(rng, ONSETS) + pick(rng, VOWELS) for _ in range(count)]
    return "".join(parts) + pick(rng, CODAS)


def entity(rng: np.random.Generator) -> str:
    """A thing to have facts about: "the river Brealost", "Klaithor", "the Motrand pump"."""
    name, kind = word(rng).capitalize(), pick(rng, KINDS)
    other = word(rng, 1)
    return pick(
        rng, (f"the {kind} {name}", name, f"the {name} {kind}", f"{name} {other.capitalize()}", f"the {other} {kind}")
    )


def value(rng: np.random.Generator, sort: str) -> str:
    """A value of one of the sorts that `Attribute.sort` names."""
    lists = {"colour": COLOURS, "material": MATERIALS, "place": PLACES, "purpose": PURPOSES}
    if sort in lists:
        return pick(rng, lists[sort])
    if sort == "year":
        return str(rng.integers(1200, 2030))
    if sort == "person":
        return f"{word(rng, 1).capitalize()} {word(rng, 2).capitalize()}"
    if sort == "name":
        return word(rng, 2).capitalize()
    amount = pick(
        rng,
        (str(rng.integers(2, 100)), str(rng.integers(100, 10_000)), f"{rng.integers(0, 100)}.{rng.integers(1, 10)}"),
    )
    return amount if sort == "number" else f"{amount} {pick(rng, UNITS)}"


def system(rng: np.random.Generator) -> str:
    """A name as systems and benchmarks have them: "Brea-7B", "TRKL", "Klaithor-V3.2-Chat", "MolBrea", "KL-1.5"."""
    name, other = (word(rng, int(rng.integers(1, 3))).capitalize() for _ in range(2))
    short = "".join(pick(rng, "ABCDEFGHIKLMNOPRSTUVWX") for _ in range(int(rng.integers(2, 5))))
    count, kind = int(rng.integers(1, 90)), pick(rng, ("Base", "Chat", "Large", "Instruct", "Test", "Coder", "Plus"))
    return pick(
        rng,
        (name, short, f"{name}-{count}B", f"{name} {kind}", f"{short}-{name}", f"{name} {count}", f"{name}{other}",
         f"{name}-V{rng.integers(1, 5)}", f"{name}{rng.integers(1, 6)}.{rng.integers(0, 9)}-{kind}", f"{name}-{kind}",
         f"{name}{short}", f"{name}-{short}", f"{name} {other}"),
    )  # fmt: skip
