from hypothesis import given
from hypothesis import strategies as st

from loresmith.serve.documents import leaves
from loresmith.serve.documents.leaves import leaves_of

PAGED = "<!-- page 1 -->\n\n# One\n\nFirst words.\n\n<!-- page 2 -->\n\nSecond words.\n<!-- page 4 -->\nLast.\n"


def test_a_paged_text_has_a_leaf_for_each_page_and_offsets_into_the_whole() -> None:
    found = leaves_of(PAGED, is_paged=True)
    assert [(leaf.number, leaf.page) for leaf in found] == [(1, 1), (2, 2), (3, 4)]
    assert all(PAGED[leaf.start :].startswith(leaf.text) for leaf in found)
    assert not any("<!--" in leaf.text for leaf in found)


@given(st.text(alphabet="ab |\n", max_size=60_000))
def test_the_leaves_of_a_text_without_pages_put_together_are_the_text(text: str) -> None:
    found = leaves_of(text, is_paged=False)
    assert "".join(leaf.text for leaf in found) == text
    assert all(len(leaf.text) <= leaves.LONGEST_LEAF for leaf in found)


def test_a_table_that_goes_over_several_leaves_keeps_its_header() -> None:
    rows = "".join(f"| pump {number} | {number} kW |\n" for number in range(3000))
    found = leaves_of(f"# Pumps\n\n| Pump | Power |\n|---|---|\n{rows}\nThe end.\n", is_paged=False)
    assert len(found) > 2
    assert [leaf.lead for leaf in found[1:]] == ["| Pump | Power |\n|---|---|\n"] * (len(found) - 1)


def test_a_document_of_nothing_has_a_leaf() -> None:
    assert len(leaves_of("", is_paged=True)) == 1
