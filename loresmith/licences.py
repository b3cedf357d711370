"""The licence of a model, which what is fine-tuned from it inherits, spelt as the Hub spells it. No legal advice.

Asked in this order: what the user says, the head of the base's own card, its licence file, then models that are known
by their id on the Hub.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loresmith.errors import UserError
from loresmith.front_matter import NO_LICENSE, head, license_in

CARDS = ("README.md", "MODEL_CARD.md")
FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt", "USE_POLICY.md")
"""Files of a base that go out with what is made from it."""
READ_BYTES = 4000


@dataclass(frozen=True)
class Licence:
    """What may be done with a model."""

    id: str
    """`license` in the head of a card: an identifier of the Hub, `other`, or `unknown`."""
    name: str | None = None
    """`license_name`, where the identifier is `other`."""
    link: str | None = None
    """`license_link`."""
    title: str = ""
    """For people."""
    duties: tuple[str, ...] = ()
    """What it asks of those who pass the model on, one sentence each."""
    use: str = ""
    """What may be done under it, in a few words; empty where its terms are not known here."""
    is_open: bool = False
    """Whether everybody may use the model for everything."""

    @property
    def is_known(self) -> bool:
        """Whether anything is known."""
        return self.id not in NO_LICENSE

    @property
    def spelt(self) -> str:
        """Its identifier, or its own name where that is `other`."""
        return self.name or self.id

    @property
    def shown(self) -> str:
        """One line for people."""
        return self.title or self.name or self.id


OPEN_USE = "open, also for commercial use"
_NAME = "Name the authors of the base model, and say that it was changed."


def _open(identifier: str, title: str, *duties: str, use: str = OPEN_USE) -> Licence:
    return Licence(identifier, title=title, duties=duties, use=use, is_open=True)


UNKNOWN = Licence("unknown", title="unknown")
APACHE = _open("apache-2.0", "Apache License 2.0")
MIT = _open("mit", "MIT License")
OPEN = (
    APACHE,
    MIT,
    _open("bsd-2-clause", "BSD 2-Clause License"),
    _open("bsd-3-clause", "BSD 3-Clause License"),
    _open("cc0-1.0", "Creative Commons Zero 1.0"),
    _open("cc-by-4.0", "Creative Commons Attribution 4.0", _NAME, use=f"{OPEN_USE}; name the authors"),
    _open(
        "cc-by-sa-4.0",
        "Creative Commons Attribution-ShareAlike 4.0",
        _NAME,
        "Pass what is made of it on under the same licence.",
        use=f"{OPEN_USE}; name the authors, and pass changes on under the same terms",
    ),
)
_QWEN_DUTIES = (
    "Say “Built with Qwen” or “Improved using Qwen” where the model is presented.",
    "Pass on a copy of the agreement, and say which files were changed.",
)
QWEN_RESEARCH = Licence(
    "other",
    "qwen-research",
    title="Qwen Research License Agreement",
    duties=("Research and evaluation only; commercial use needs a licence from Alibaba Cloud.", *_QWEN_DUTIES),
    use="for research and evaluation, not for commercial use",
)
QWEN = Licence(
    "other",
    "qwen",
    title="Qwen License Agreement",
    duties=(*_QWEN_DUTIES, "Above 100 million monthly users a licence from Alibaba Cloud is needed."),
    use="commercial use up to 100 million monthly users",
)


def _llama(version: str, identifier: str) -> Licence:
    duties = [
        f"Pass on a copy of the agreement, and a notice that Llama {version} is under it, © Meta Platforms, Inc.",
        "Keep to Meta's acceptable use policy; above 700 million monthly users Meta's own permission is needed.",
    ]
    if version != "2":
        duties.insert(
            0, "Say “Built with Llama” where the model is presented, and begin the model's name with “Llama”."
        )
    title = f"Llama {version} Community License Agreement"
    use = "commercial use up to 700 million monthly users, under its use policy"
    named = "" if version == "2" else "; what is made of it must be named Llama and carry its notice"
    return Licence(identifier, title=title, duties=tuple(duties), use=use + named)


LLAMAS = {version: _llama(version, f"llama{version}") for version in ("2", "3", "3.1", "3.2", "3.3", "4")}
BY_ID = {
    "qwen-research": QWEN_RESEARCH,
    "qwen": QWEN,
    **{one.id: one for one in (*OPEN, *LLAMAS.values())},
}
KNOWN = tuple(
    (re.compile(pattern, re.IGNORECASE), one)
    for pattern, one in (
        (r"Qwen/Qwen2\.5-(Coder-)?3B\b.*", QWEN_RESEARCH),
        (r"Qwen/Qwen2\.5-72B\b.*", QWEN),
        (r"Qwen/(Qwen2\.5-(Coder-)?(0\.5|1\.5|7|14|32)B\b|Qwen3-).*", APACHE),
        *((rf"meta-llama/(Meta-)?Llama-{re.escape(v)}-.*", one) for v, one in LLAMAS.items()),
    )
)
"""Ids on the Hub, the narrower pattern first."""
TITLES = (
    (re.compile(r"QWEN RESEARCH LICEN[SC]E AGREEMENT", re.IGNORECASE), QWEN_RESEARCH),
    (re.compile(r"QWEN LICEN[SC]E AGREEMENT", re.IGNORECASE), QWEN),
    *((re.compile(rf"LLAMA {re.escape(v)} COMMUNITY LICEN[SC]E", re.IGNORECASE), one) for v, one in LLAMAS.items()),
    (re.compile(r"Apache License\s+Version 2\.0"), APACHE),
    (re.compile(r"^\s*MIT License"), MIT),
)
"""What stands at the top of a licence's text."""


def licence_of(base_id: str | None, folder: Path | None, given: str | None = None) -> Licence:
    """The licence of a base model.

    Args:
        base_id: Its id on the Hub, where it is known.
        folder: Where its files lie, where they do.
        given: What the user says it is.
    """
    if given:
        return BY_ID.get(given.lower(), Licence(given.lower()))
    found = (folder and (_of_card(folder) or _of_text(folder))) or _of_id(base_id) or UNKNOWN
    if found.id == "other" and found.link is None and base_id:
        return replace(found, link=f"https://huggingface.co/{base_id}/blob/main/LICENSE")
    return found


def licence_files(folder: Path | None) -> dict[str, Path]:
    """The licence and the notices that lie beside a base, by name."""
    return {name: folder / name for name in FILES if (folder / name).is_file()} if folder else {}


def _of_id(base_id: str | None) -> Licence | None:
    return next((licence for pattern, licence in KNOWN if base_id and pattern.fullmatch(base_id)), None)


def _of_card(folder: Path) -> Licence | None:
    for name in CARDS:
        if not (folder / name).is_file():
            continue
        try:
            told = head(folder / name, next_step="")
        except UserError:
            continue  # a page without a head says nothing
        if found := _of_head(told):
            return found
    return None


def _of_head(told: dict[str, Any]) -> Licence | None:
    if (stated := license_in(told)) is None:
        return None
    identifier = stated.strip().lower()
    name = str(told.get("license_name") or "").strip().lower()
    known = BY_ID.get(name if identifier == "other" else identifier, Licence(identifier, name or None))
    link = str(told.get("license_link") or "")
    return replace(known, link=link if link.startswith("https://") else known.link)


def _of_text(folder: Path) -> Licence | None:
    for name in FILES[:3]:
        if (folder / name).is_file():
            with (folder / name).open(encoding="utf-8", errors="replace") as file:
                top = file.read(READ_BYTES)
            return next((licence for pattern, licence in TITLES if pattern.search(top)), None)
    return None
