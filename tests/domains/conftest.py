"""Small sources of every kind, written where the test wants them."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from loresmith.domains.question import DomainQuestion, Found
from loresmith.exchange.dialogue import Dropped
from loresmith.exchange.files import Portion, Row

WriteLines = Callable[[str, Sequence[dict[str, Any]]], Path]


@pytest.fixture
def lines(tmp_path: Path) -> WriteLines:
    """`lines("folder/train.jsonl", rows)`: a file of JSON Lines below the test's folder."""

    def write(name: str, rows: Sequence[dict[str, Any]]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def portion() -> Callable[..., Portion]:
    def make(*rows: dict[str, Any]) -> Portion:
        listed = tuple(Row(f"rows.jsonl, line {number}", row) for number, row in enumerate(rows, 1))
        return Portion("train", Path("rows.jsonl"), listed)

    return make


@pytest.fixture
def sciq_rows() -> list[dict[str, Any]]:
    """60 rows that differ; every tenth without support."""
    return [
        {
            "question": f"What is organ number {number} of the animal called?",
            "correct_answer": f"organ {number}",
            "distractor1": f"bone {number}",
            "distractor2": f"leaf {number}",
            "distractor3": f"root {number}",
            "support": "" if number % 10 == 0 else f"Organ {number} is called organ {number}.",
        }
        for number in range(60)
    ]


@pytest.fixture
def cve() -> dict[str, Any]:
    """A whole record in JSON 5."""
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {"cveId": "CVE-2031-1234", "state": "PUBLISHED", "datePublished": "2031-04-05T10:00:00.000Z"},
        "containers": {
            "cna": {
                "affected": [
                    {
                        "vendor": "Acme",
                        "product": "Valve Server",
                        "versions": [{"version": "2.0", "status": "affected", "lessThan": "2.4.1"}],
                    }
                ],
                "descriptions": [
                    {"lang": "de", "value": "Ein Überlauf."},
                    {"lang": "en", "value": "A buffer overflow in\n  Valve Server allows remote code execution."},
                ],
                "metrics": [{"cvssV3_1": {"baseScore": 9.8, "baseSeverity": "CRITICAL"}}],
                "problemTypes": [
                    {"descriptions": [{"lang": "en", "cweId": "CWE-787", "description": "CWE-787 Out-of-bounds Write"}]}
                ],
            }
        },
    }


def questions(found: Iterator[Found]) -> list[DomainQuestion]:
    return [one for one in found if isinstance(one, DomainQuestion)]


def reasons(found: Iterator[Found]) -> list[str]:
    return [one.reason for one in found if isinstance(one, Dropped)]
