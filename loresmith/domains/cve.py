"""Questions on CVE records, each with the record as evidence.

Asked are the product, the weakness, the severity, the day of publication and the description, each only where the
record says it. Which weakness a description shows is asked as well, without the id: that can be learned, not only kept.
"""

import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from loresmith.domains.cve_record import CveRecord, cve_record
from loresmith.domains.question import DomainQuestion, Found
from loresmith.errors import UserError
from loresmith.exchange.dialogue import Dropped, Refused
from loresmith.exchange.files import rows_of

SEVERITIES = ("low", "medium", "high", "critical")
MOST_PRODUCTS = 3
"""Longer lists are no answer that anybody learns."""


def cve_questions(source: Path, most_files: int, seed: int) -> Iterator[Found]:
    """The questions on the records of a file, or of the files of a folder such as `cvelistV5/cves`.

    Of a folder with more than `most_files` files a sample is read, drawn by `seed`; the whole list has 300,000. What is
    left unread is said once, as dropped.

    Raises:
        UserError: no record is there.
    """
    for place, content in _records(source, most_files, seed):
        if isinstance(content, Dropped):
            yield content
            continue
        try:
            record = cve_record(content)
        except Refused as reason:
            yield Dropped(place=place, reason=str(reason))
            continue
        yield from questions_on(record, place)


def questions_on(record: CveRecord, place: str) -> Iterator[DomainQuestion]:
    """What can be asked about one record."""
    evidence = record_text(record)

    def asked(question: str, answer: str, options: tuple[str, ...] = ()) -> DomainQuestion:
        return DomainQuestion(
            place=place,
            question=question,
            answer=answer,
            options=options,
            evidence=evidence,
            topic=record.weakness or "no weakness named",
        )

    if 0 < len(record.products) <= MOST_PRODUCTS:
        yield asked(f"Which product does {record.id} affect?", "; ".join(record.products))
    if record.weakness:
        named = f"{record.weakness} ({record.weakness_name})" if record.weakness_name else record.weakness
        yield asked(f"Which weakness is {record.id} assigned to?", named)
        described = record.description.replace(record.id, "the vulnerability")
        yield asked(f"Which weakness (CWE) does this vulnerability show? {described}", named)
    if record.severity in SEVERITIES:
        yield asked(f"How severe is {record.id} by its {record.scale} base score?", record.severity, SEVERITIES)
    if record.published:
        yield asked(f"When was {record.id} published?", _long(record.published))
    yield asked(f"What is {record.id}?", record.description)


def record_text(record: CveRecord) -> str:
    """The record in lines that a person can read."""
    lines = [record.id]
    if record.published:
        lines.append(f"Published: {_long(record.published)}")
    if record.products:
        lines.append(f"Affected: {'; '.join(record.products)}")
    if record.versions:
        lines.append(f"Versions of {record.products[0]}: {', '.join(record.versions[:5])}")
    if record.weakness:
        lines.append(f"Weakness: {record.weakness} {record.weakness_name}".rstrip())
    if record.severity:
        lines.append(f"{record.scale} base score: {record.score} ({record.severity})")
    return "\n".join([*lines, f"Description: {record.description}"])


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _records(source: Path, most_files: int, seed: int) -> Iterator[tuple[str, Any]]:
    if source.is_file():
        for row in rows_of(source):
            yield row.place, row.content
        return
    files = sorted(path for path in source.rglob("CVE-*.json") if path.is_file() and not path.is_symlink())
    if not files:
        raise UserError(
            f"{source} holds no CVE-*.json files.",
            next_step="Give a folder of the CVE list (github.com/CVEProject/cvelistV5), or a file of records.",
        )
    if len(files) > most_files:
        unread = f"{len(files) - most_files} of {len(files)} files were left unread; the seed decides which"
        yield str(source), Dropped(place=str(source), reason=unread)
        files = sorted(random.Random(f"{seed} cve").sample(files, most_files))
    for path in files:
        try:
            yield str(path), json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError):  # one damaged file costs that record alone
            yield str(path), None
