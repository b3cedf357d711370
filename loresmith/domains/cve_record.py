"""A record of the CVE list, JSON 5 (github.com/CVEProject/cve-schema, 5.0 to 5.2), as far as questions need it.

What the numbering authority says (`cna`) goes before what others add (`adp`). Only English texts are read.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from loresmith.exchange.dialogue import Refused
from loresmith.records import Record

SCORES = ("cvssV4_0", "cvssV3_1", "cvssV3_0")
"""The newest scale first. Version 2 has no critical severity and is left out."""
NOT_SAID = {"", "n/a", "na", "unknown", "unspecified", "none", "-", "*"}


class CveRecord(Record):
    """One published vulnerability; what the record does not say is `None` or empty."""

    id: str
    published: date | None
    description: str
    products: tuple[str, ...]
    """Vendor and product, in the order of the record."""
    versions: tuple[str, ...]
    """What the record says of the first product's affected versions."""
    weakness: str | None
    """`CWE-79`."""
    weakness_name: str
    score: float | None
    """CVSS score, 0.0 to 10.0."""
    severity: str | None
    """In lower case: none, low, medium, high, critical."""
    scale: str
    """`CVSS 3.1`."""


def cve_record(content: Any) -> CveRecord:
    """The record in a parsed file.

    Raises:
        Refused: it is no record of this format, was rejected or only reserved, or says nothing in English.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("cveMetadata"), Mapping):
        raise Refused("no CVE record in JSON 5")
    about, containers = content["cveMetadata"], content.get("containers")
    if about.get("state") != "PUBLISHED":
        raise Refused(f"the record is {str(about.get('state') or 'without a state').lower()}, not published")
    if not isinstance(containers, Mapping) or not isinstance(containers.get("cna"), Mapping):
        raise Refused("no CVE record in JSON 5")
    cna = containers["cna"]
    described = next((entry.get("value") for entry in _objects(cna.get("descriptions")) if _is_english(entry)), None)
    name = about.get("cveId")
    if not isinstance(described, str) or not described.strip() or not isinstance(name, str):
        raise Refused("no English description")
    parts = [cna, *_objects(containers.get("adp"))]
    weakness, weakness_name = next((found for part in parts for found in _weaknesses(part)), (None, ""))
    scale, score, severity = next((found for part in parts for found in _scores(part)), ("", None, None))
    affected = [entry for entry in _objects(cna.get("affected")) if _product(entry)]
    return CveRecord(
        id=name,
        published=_day(about.get("datePublished")),
        description=" ".join(described.split()),
        products=tuple(dict.fromkeys(_product(entry) for entry in affected)),
        versions=tuple(_versions(affected[0])) if affected else (),
        weakness=weakness,
        weakness_name=weakness_name,
        score=score,
        severity=severity,
        scale=scale,
    )


def _weaknesses(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for problem in _objects(part.get("problemTypes")):
        for entry in _objects(problem.get("descriptions")):
            name = entry.get("cweId")
            if isinstance(name, str) and name.startswith("CWE-"):
                said = str(entry.get("description") or "").removeprefix(name).strip(" :-")
                yield name, "" if _is_unsaid(said) else said


def _scores(part: Mapping[str, Any]) -> Iterator[tuple[str, float, str]]:
    metrics = list(_objects(part.get("metrics")))
    for scale in SCORES:
        for metric in metrics:
            found = metric.get(scale)
            if isinstance(found, Mapping) and isinstance(found.get("baseScore"), int | float):
                severity = str(found.get("baseSeverity") or "").lower()
                if severity:
                    yield f"CVSS {scale.removeprefix('cvssV').replace('_', '.')}", float(found["baseScore"]), severity


def _versions(entry: Mapping[str, Any]) -> Iterator[str]:
    for version in _objects(entry.get("versions")):
        first = str(version.get("version") or "")
        if version.get("status") != "affected":
            continue
        if below := version.get("lessThan"):
            yield f"before {below}" if _is_unsaid(first) or first == "0" else f"{first} before {below}"
        elif last := version.get("lessThanOrEqual"):
            yield f"up to {last}" if _is_unsaid(first) or first == "0" else f"{first} to {last}"
        elif not _is_unsaid(first):
            yield first


def _product(entry: Mapping[str, Any]) -> str:
    vendor, product = str(entry.get("vendor") or "").strip(), str(entry.get("product") or "").strip()
    if _is_unsaid(product):
        return ""
    return product if _is_unsaid(vendor) or product.lower().startswith(vendor.lower()) else f"{vendor} {product}"


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        return None


def _is_english(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("lang") or "en").lower().startswith("en")


def _is_unsaid(said: str) -> bool:
    return said.strip().lower() in NOT_SAID


def _objects(found: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(found, list):
        yield from (entry for entry in found if isinstance(entry, Mapping))
