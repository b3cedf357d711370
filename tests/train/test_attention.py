import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.errors import NotBuiltYet
from loresmith.train.attention import Documents, packed_attention
from loresmith.train.packing import places_in_row

CPU = torch.device("cpu")
MODULE = torch.nn.Identity()


def states(heads: int, time: int, seed: int) -> torch.Tensor:
    return torch.randn(1, heads, time, 8, generator=torch.Generator().manual_seed(seed))


@settings(deadline=None, max_examples=40)
@given(
    rests=st.lists(st.integers(1, 40), min_size=1, max_size=9),
    shared=st.integers(0, 5),
    heads=st.sampled_from([(16, 2), (24, 8), (4, 4)]),
)
def test_each_document_attends_as_if_it_were_alone(rests: list[int], shared: int, heads: tuple[int, int]) -> None:
    shared = shared if len(rests) > 1 else 0
    lengths = [rest + shared for rest in rests]
    time = shared + sum(rests)
    query, key, value = states(heads[0], time, 0), states(heads[1], time, 1), states(heads[1], time, 2)
    documents = Documents.of(lengths, shared, CPU)
    found, _ = packed_attention(MODULE, query, key, value, None, documents=documents)
    assert found.shape == (1, time, heads[0], 8)
    for places in places_in_row(lengths, shared):
        q, k, v = query[:, :, places], key[:, :, places], value[:, :, places]
        alone = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        torch.testing.assert_close(found[:, places].transpose(1, 2), alone, atol=1e-5, rtol=1e-5)


def test_documents_of_one_token_and_of_a_whole_row_are_fine() -> None:
    documents = Documents.of([1, 300, 1], 0, CPU)
    found, _ = packed_attention(
        MODULE, states(2, 302, 0), states(2, 302, 1), states(2, 302, 2), None, documents=documents
    )
    torch.testing.assert_close(found[0, 0], states(2, 302, 2)[0, :, 0])  # a lone token sees only itself
    torch.testing.assert_close(found[0, -1], states(2, 302, 2)[0, :, -1])


def test_the_scale_of_the_layout_is_used() -> None:
    documents = Documents.of([5], 0, CPU)
    query, key, value = (states(2, 5, seed) for seed in range(3))
    sharp, _ = packed_attention(MODULE, query, key, value, None, documents=documents, scaling=3.0)
    alone = F.scaled_dot_product_attention(query, key, value, is_causal=True, scale=3.0)
    torch.testing.assert_close(sharp.transpose(1, 2), alone)


@pytest.mark.parametrize("settings", [{}, {"softcap": 30.0}, {"s_aux": torch.ones(2)}, {"sliding_window": 4}])
def test_what_it_cannot_do_is_refused_and_never_computed_wrongly(settings: dict[str, object]) -> None:
    given = {"documents": Documents.of([5], 0, CPU), **settings} if settings else {}
    with pytest.raises(NotBuiltYet, match="Packed training"):
        packed_attention(MODULE, states(2, 5, 0), states(2, 5, 1), states(2, 5, 2), None, **given)


def test_a_window_wider_than_every_document_changes_nothing() -> None:
    documents = Documents.of([5, 5], 0, CPU)
    query, key, value = (states(2, 10, seed) for seed in range(3))
    free, _ = packed_attention(MODULE, query, key, value, None, documents=documents)
    windowed, _ = packed_attention(MODULE, query, key, value, None, documents=documents, sliding_window=5)
    assert torch.equal(free, windowed)
