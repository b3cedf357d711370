from pathlib import Path

from loresmith.domains.table import DOMAINS, EXAM_ONLY, REPLAY, SOURCES


def test_every_domain_and_replay_have_a_default_of_the_hub() -> None:
    for domain in (*DOMAINS, REPLAY):
        defaults = [source for source in SOURCES.values() if source.domain == domain and source.is_default]
        assert defaults, domain
        assert all(source.hub is not None and source.license != "unknown" for source in defaults)


def test_every_source_is_read_in_one_way() -> None:
    for source in SOURCES.values():
        assert sum(way is not None for way in (source.rows, source.records, source.files)) == 1, source.name
        assert source.hub is None or source.rows is not None, source.name


def test_no_name_is_both_a_source_and_for_exams_alone() -> None:
    assert not SOURCES.keys() & EXAM_ONLY.keys()
    assert "mmlu" in EXAM_ONLY


def test_the_page_names_every_source_with_its_place_on_the_hub(repository: Path) -> None:
    page = (repository / "docs" / "how-to" / "datasets.md").read_text(encoding="utf-8")
    for source in SOURCES.values():
        assert f"`{source.name}`" in page
        assert source.hub is None or f"`{source.hub.id}`" in page
