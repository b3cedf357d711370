import torch

from training.starter.rounding import as_filed, is_rounded, rounded


def test_a_block_of_32_holds_at_most_16_values_and_errs_by_half_a_step() -> None:
    weight = torch.randn(8, 64, generator=torch.Generator().manual_seed(0))
    coarse = rounded(weight)
    blocks, before = coarse.view(-1, 32), weight.view(-1, 32)
    assert max(len(block.unique()) for block in blocks) <= 16
    step = (before.amax(1) - before.amin(1)) / 15
    assert bool(((blocks - before).abs() <= step[:, None] * 0.501).all())
    assert not torch.equal(coarse, weight)


def test_rounding_twice_changes_nothing_more() -> None:
    once = rounded(torch.randn(4, 32, generator=torch.Generator().manual_seed(1)))
    assert torch.allclose(rounded(once), once, atol=1e-6)


def test_rounding_by_lot_stays_on_the_grid_and_is_right_on_average() -> None:
    weight = torch.randn(4, 32, generator=torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(4)
    drawn = torch.stack([rounded(weight, generator) for _ in range(400)])
    step = (weight.amax(1) - weight.amin(1)) / 15
    assert max(len(row.unique()) for draw in drawn for row in draw) <= 16
    assert bool(((drawn.mean(0) - weight).abs() < 0.12 * step[:, None]).all())
    assert len(drawn[:, 0, 5].unique()) == 2
    assert torch.equal(rounded(weight, torch.Generator().manual_seed(4)), drawn[0])


def test_biases_norms_and_the_embedding_keep_their_bits() -> None:
    assert not is_rounded("model.embed_tokens.weight", torch.zeros(4, 4))
    assert not is_rounded("model.norm.weight", torch.zeros(4))
    assert is_rounded("model.layers.0.mlp.up_proj.weight", torch.zeros(4, 4))


def test_what_was_filed_once_is_filed_again_almost_unchanged() -> None:
    name, norm = "model.layers.0.mlp.up_proj.weight", "model.norm.weight"
    weights = {
        name: torch.randn(256, 256, generator=torch.Generator().manual_seed(2)),
        norm: torch.tensor([1.0, 0.3337]).repeat(128),
    }
    once = as_filed(weights, layers=1)
    twice = as_filed(once, layers=1)
    assert 0.04 < float((once[name] - weights[name]).norm() / weights[name].norm()) < 0.1
    assert float((twice[name].float() - once[name].float()).norm() / once[name].float().norm()) < 0.005
    assert torch.equal(once[norm], weights[norm].bfloat16())
