import copy
from datetime import date
from typing import Any

import pytest

from loresmith.domains.cve_record import cve_record
from loresmith.exchange.dialogue import Refused


def test_a_record_gives_its_parts(cve: dict[str, Any]) -> None:
    record = cve_record(cve)
    assert (record.id, record.published) == ("CVE-2031-1234", date(2031, 4, 5))
    assert record.description == "A buffer overflow in Valve Server allows remote code execution."
    assert (record.products, record.versions) == (("Acme Valve Server",), ("2.0 before 2.4.1",))
    assert (record.weakness, record.weakness_name) == ("CWE-787", "Out-of-bounds Write")
    assert (record.score, record.severity, record.scale) == (9.8, "critical", "CVSS 3.1")


def test_what_a_record_does_not_say_stays_unknown(cve: dict[str, Any]) -> None:
    cve["containers"]["cna"] = {
        "affected": [{"vendor": "n/a", "product": "n/a", "versions": [{"version": "n/a", "status": "affected"}]}],
        "descriptions": [{"lang": "en", "value": "A flaw."}],
    }
    record = cve_record(cve)
    assert (record.products, record.versions, record.weakness, record.score, record.severity) == (
        (),
        (),
        None,
        None,
        None,
    )


def test_what_the_numbering_authority_leaves_out_is_taken_from_those_who_add_to_the_record(cve: dict[str, Any]) -> None:
    cna = cve["containers"]["cna"]
    added = {
        "problemTypes": cna.pop("problemTypes"),
        "metrics": [{"cvssV3_1": {"baseScore": 5.0, "baseSeverity": "MEDIUM"}}],
    }
    record = cve_record({**cve, "containers": {"cna": cna, "adp": [added]}})
    assert (record.weakness, record.severity) == ("CWE-787", "critical")


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"version": "0", "lessThan": "3.1"}, ("before 3.1",)),
        ({"version": "1.0", "lessThanOrEqual": "1.9"}, ("1.0 to 1.9",)),
        ({"version": "unspecified", "lessThanOrEqual": "1.9"}, ("up to 1.9",)),
        ({"version": "1.5"}, ("1.5",)),
        ({"version": "1.5", "status": "unaffected"}, ()),
    ],
)
def test_versions_are_said_in_words(cve: dict[str, Any], version: dict[str, str], said: tuple[str, ...]) -> None:
    cve["containers"]["cna"]["affected"][0]["versions"] = [{"status": "affected", **version}]
    assert cve_record(cve).versions == said


def test_rejected_reserved_and_foreign_records_are_refused(cve: dict[str, Any]) -> None:
    rejected = copy.deepcopy(cve)
    rejected["cveMetadata"]["state"] = "REJECTED"
    with pytest.raises(Refused, match="rejected, not published"):
        cve_record(rejected)
    cve["containers"]["cna"]["descriptions"] = [{"lang": "de", "value": "Ein Überlauf."}]
    with pytest.raises(Refused, match="no English description"):
        cve_record(cve)
    for other in (None, [], {"id": 1}, {"cveMetadata": {"state": "PUBLISHED"}}):
        with pytest.raises(Refused, match="no CVE record"):
            cve_record(other)
