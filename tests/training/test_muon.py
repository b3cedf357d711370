import torch

from training.starter.muon import StackedMuon, orthogonal


def test_stacked_steps_are_those_of_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = [(64, 64), (64, 64), (128, 64), (64, 128)]
    mine = [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes]
    theirs = [matrix.detach().clone().requires_grad_() for matrix in mine]
    stacked = StackedMuon(mine, lr=1e-2, weight_decay=0.1)
    single = torch.optim.Muon(theirs, lr=1e-2, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for _ in range(4):
        for left, right in zip(mine, theirs, strict=True):
            left.grad = torch.randn(left.shape, generator=generator)
            right.grad = left.grad.clone()
        stacked.step()
        single.step()
    assert all(torch.allclose(left, right, atol=1e-6) for left, right in zip(mine, theirs, strict=True))


def test_the_update_has_singular_values_near_one() -> None:
    update = orthogonal(torch.randn(3, 32, 96, generator=torch.Generator().manual_seed(1))).float()
    values = torch.linalg.svdvals(update)
    assert 0.4 < float(values.min()) < float(values.max()) < 1.4
