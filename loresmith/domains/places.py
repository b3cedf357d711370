"""Which sources are read, and from where: local copies that were given, and the Hub for what is known to be there."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from loresmith.domains.hub import HubDataset
from loresmith.domains.table import DOMAINS, EXAM_ONLY, MIXABLE, SOURCES, Source
from loresmith.errors import UserError

HUB = "hub"


@dataclass(frozen=True)
class Place:
    """A source and where it is read from."""

    source: Source
    at: Path | HubDataset

    @property
    def shown(self) -> str:
        """The path, or the Hub's id."""
        return self.at.shown if isinstance(self.at, HubDataset) else str(self.at)

    @property
    def named(self) -> str:
        """The same without the folders of this machine."""
        return self.at.shown if isinstance(self.at, HubDataset) else self.at.resolve().name

    @property
    def license(self) -> str:
        """The table's; `unknown` for a dataset that the table does not know."""
        is_other = isinstance(self.at, HubDataset) and self.at != self.source.hub
        return "unknown" if is_other else self.source.license


def weights(mix: str | None, domain: str | None) -> dict[str, float]:
    """Domain to weight, out of `biology=2,history=1,replay=0.2` and the one that is asked for by its name.

    Raises:
        UserError: a domain is unknown, a weight is no positive number, or nothing is asked for.
    """
    if domain is not None:
        _require_known(domain, DOMAINS)
    found = {domain: 1.0} if domain is not None else {}
    said = [part.strip() for part in (mix or "").split(",") if part.strip()]
    for part in said:
        name, sign, number = (piece.strip() for piece in part.partition("="))
        _require_known(name, MIXABLE)
        try:
            weight = float(number)
        except ValueError:
            weight = 0.0
        if not sign or not 0 < weight < float("inf"):
            raise UserError(
                f"--mix: the weight of {name} is {number or 'missing'}, not a number above 0.",
                next_step="Write it like --mix biology=2,history=1,replay=0.2.",
            )
        if sum(other.partition("=")[0].strip() == name for other in said) > 1:
            raise UserError(f"--mix names {name} twice.", next_step="Give one weight for each domain.")
        found[name] = weight
    if not found:
        raise UserError(
            "No domain is asked for.",
            next_step=f"Give --domain with one of {', '.join(DOMAINS)}, or weights such as --mix biology=2,history=1.",
        )
    return found


def places(domains: Iterable[str], given: Iterable[str]) -> list[Place]:
    """Where each domain is read from, in the order of the table.

    A domain for which `given` names a source is read from what is named alone; the others from their defaults on the
    Hub. `given` holds `NAME=PATH`, `NAME=hub`, or `NAME=hub:ID:CONFIGURATION` for another dataset of the same shape.

    Raises:
        UserError: a name is unknown, for exams alone or of another domain, nothing is at a path, or a domain has no
            source.
    """
    wanted, named = tuple(domains), _named(given)
    found = []
    for name, where in named:
        source = _known(name)
        if source.domain not in wanted:
            raise UserError(
                f"The source {name} belongs to {source.domain}, which is not asked for.",
                next_step=f"Add {source.domain} to --mix, or leave {name} out.",
            )
        found.append(Place(source, _at(source, where)))
    for domain in wanted:
        if any(place.source.domain == domain for place in found):
            continue
        defaults = [source for source in SOURCES.values() if source.domain == domain and source.is_default]
        found += [Place(source, source.hub) for source in defaults if source.hub is not None]
    order = list(SOURCES)
    return sorted(found, key=lambda place: order.index(place.source.name))


def _named(given: Iterable[str]) -> list[tuple[str, str]]:
    pairs = []
    for entry in given:
        name, sign, where = entry.partition("=")
        if not sign or not where:
            raise UserError(
                f"--from {entry} names no place.", next_step="Write it like --from sciq=FOLDER or --from sciq=hub."
            )
        pairs.append((name.strip(), where))
    return pairs


def _known(name: str) -> Source:
    if name in EXAM_ONLY:
        raise UserError(
            f"{name} is for exams alone: {EXAM_ONLY[name]}.",
            next_step="Train on other sources and keep it for `loresmith evaluate`.",
        )
    if name not in SOURCES:
        raise UserError(f"There is no source {name!r}.", next_step=f"Choose one of {', '.join(SOURCES)}.")
    return SOURCES[name]


def _at(source: Source, where: str) -> Path | HubDataset:
    if where == HUB:
        if source.hub is None:
            raise UserError(
                f"The Hub has no dataset for {source.name} ({source.about}).",
                next_step=f"Give a local copy with --from {source.name}=PATH.",
            )
        return source.hub
    if where.startswith(f"{HUB}:"):
        if source.rows is None:
            raise UserError(
                f"{source.name} is not read from the Hub.",
                next_step=f"Give a local copy with --from {source.name}=PATH.",
            )
        identifier, _, configuration = where.removeprefix(f"{HUB}:").partition(":")
        plain = HubDataset(identifier, configuration or None)
        known = source.hub
        return known if known is not None and (plain.id, plain.configuration) == (known.id, None) else plain
    path = Path(where)
    if not path.exists():
        raise UserError(
            f"There is nothing at {path} (source {source.name}).",
            next_step=f"Give a file or folder with --from {source.name}=PATH.",
        )
    return path


def _require_known(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise UserError(f"There is no domain {name!r}.", next_step=f"Choose one of {', '.join(known)}.")
