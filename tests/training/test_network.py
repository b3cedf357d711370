import pytest
import torch
from torch.nn import functional
from transformers import Qwen2ForCausalLM

from training.starter import copying, network, probes
from training.starter.shape import Shape, configuration


@pytest.fixture(scope="module")
def model(tiny_shape: Shape) -> Qwen2ForCausalLM:
    torch.manual_seed(0)
    made = Qwen2ForCausalLM(configuration(tiny_shape, {"pad": 397, "end": 399}))
    copying.install(made, tiny_shape, torch.Generator().manual_seed(0))
    with torch.no_grad():  # every bias and norm differs from its start, so that leaving one out is seen
        for weight in made.parameters():
            weight.add_(torch.randn(weight.shape) * 0.02)
    return made


def test_the_lean_pass_computes_what_transformers_computes(model: Qwen2ForCausalLM, tiny_shape: Shape) -> None:
    tokens = torch.randint(0, 400, (3, 40), generator=torch.Generator().manual_seed(1))
    weights = dict(model.named_parameters())
    with torch.no_grad():
        hidden = network.hidden_states(weights, tiny_shape, tokens, network.turns(tiny_shape, 40))
        mine = hidden @ weights["model.embed_tokens.weight"].t()
        theirs = model(input_ids=tokens).logits
    assert torch.allclose(mine, theirs, atol=2e-4)


def test_the_chunked_loss_has_the_gradient_of_plain_cross_entropy(model: Qwen2ForCausalLM) -> None:
    generator = torch.Generator().manual_seed(2)
    table = model.model.embed_tokens.weight.detach().clone().requires_grad_()
    hidden = torch.randn(700, 128, generator=generator, requires_grad=True)  # more than one chunk
    targets = torch.randint(0, 400, (700,), generator=generator)
    shares = torch.rand(700, generator=generator)
    loss, each = network.weighted_loss({"model.embed_tokens.weight": table}, hidden, targets, shares)
    loss.backward()  # type: ignore[no-untyped-call]
    mine = [gradient.clone() for gradient in (hidden.grad, table.grad) if gradient is not None]
    hidden.grad = table.grad = None
    plain = functional.cross_entropy(hidden @ table.t(), targets, reduction="none")
    (plain * shares).sum().backward()  # type: ignore[no-untyped-call]
    assert torch.allclose(each, plain, atol=1e-5)
    theirs = [gradient for gradient in (hidden.grad, table.grad) if gradient is not None]
    assert len(mine) == len(theirs) == 2
    assert all(torch.allclose(left, right, atol=1e-4) for left, right in zip(mine, theirs, strict=True))


def test_an_untrained_network_copies_a_repeated_span_only_with_the_circuit() -> None:
    shape = Shape()
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(configuration(shape, {"pad": 6141, "end": 6143}))
    plain = probes.copy_share(dict(model.named_parameters()), shape)
    copying.install(model, shape, torch.Generator().manual_seed(0))
    assert plain < 0.02
    assert probes.copy_share(dict(model.named_parameters()), shape) > 0.5


def test_every_row_length_suits_blocks_of_256() -> None:
    config = configuration(Shape(), {"pad": 6141, "end": 6143})
    model = Qwen2ForCausalLM(config)
    assert {w.shape[1] % 256 for w in model.parameters() if w.dim() == 2} == {0}
    assert sum(w.numel() for w in model.parameters()) < 20e6


def test_written_heads_copy_from_two_hundred_tokens_back() -> None:
    shape = Shape()
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(configuration(shape, {"pad": 6141, "end": 6143}))
    copying.install(model, shape, torch.Generator().manual_seed(0))
    span = torch.randperm(2000, generator=torch.Generator().manual_seed(1))[None, :200]
    rows = torch.cat([span, span], dim=1)
    with torch.no_grad():
        best = model(input_ids=rows).logits.argmax(dim=-1)
    assert float((best[:, 200:-1] == rows[:, 201:]).float().mean()) > 0.4


def test_short_rows_attend_as_the_general_kernel_does() -> None:
    generator = torch.Generator().manual_seed(3)
    query, key, value = torch.randn(3, 2, 4, 48, 16, generator=generator)
    plain = network._looked_up(query, key, value)
    general = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    assert torch.allclose(plain, general, atol=1e-5)


def test_how_far_a_guided_head_misses_is_read_off_its_attention(tiny_shape: Shape) -> None:
    torch.manual_seed(4)
    config = configuration(tiny_shape, {"pad": 397, "end": 399})
    config._attn_implementation = "eager"
    model = Qwen2ForCausalLM(config)
    tokens = torch.randint(0, 400, (2, 24), generator=torch.Generator().manual_seed(5))
    rows, places = torch.tensor([0, 1, 1]), torch.tensor([20, 9, 23])
    wanted = torch.zeros(3, 24, dtype=torch.bool)
    wanted[0, [3, 4]] = wanted[1, 9] = wanted[2, 0] = True
    missed: list[torch.Tensor] = []
    weights, tables = dict(model.named_parameters()), network.turns(tiny_shape, 24)
    with torch.no_grad():
        guided = network.hidden_states(weights, tiny_shape, tokens, tables, {1: [(2, rows, places, wanted)]}, missed)
        plain = network.hidden_states(weights, tiny_shape, tokens, tables)
        attention = model(input_ids=tokens, output_attentions=True).attentions[1][:, 2]  # (rows, time, time)
    theirs = -(attention[rows, places] * wanted).sum(dim=1).log().mean()
    assert torch.equal(guided, plain)
    assert torch.allclose(missed[0], theirs, atol=1e-4)
