"""The transformer against torch's own modules with the same weights, and what must hold whatever its shape."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch import nn
from torch.nn import functional as F  # noqa: N812

from attnviz.input.problems import ProblemsFound
from attnviz.model import attention
from attnviz.model.recording import ForwardOptions, Recording
from attnviz.model.transformer import Attention, FeedForward, Layer, Norm, Transformer, attend
from attnviz.model.transformer_config import TransformerConfig
from tests.model.generation import generate
from tests.tolerances import (
    ACTIVATION,
    attention_terms,
    close,
    feed_forward_terms,
    layer_terms,
    norm_terms,
    sensitivity,
    transformer_terms,
)

BOTH = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
WIDE = 32  # of the feed-forward networks that are compared with torch's
ATTENTION = attention_terms(16, 4, 4, 7)


def config(**changes):
    defaults = {"architecture": "decoder", "vocabulary": 30, "context": 16, "layers": 2, "d_model": 16, "heads": 4}
    return TransformerConfig(**(defaults | changes))


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def tokens(batch, length, seed=0):
    return torch.randint(30, (batch, length), generator=torch.Generator().manual_seed(seed))


def agree(ours, theirs, terms, scale=None):
    """Compare with torch's own, which adds up in another order."""
    assert ours.shape == theirs.shape
    close(ours, theirs, ours.dtype, terms, scale)


def as_sensitive(model, *arguments):
    """Return the scale of what a module computes: how its result answers to changes of its parameters."""
    doubled = [each.double() if torch.is_tensor(each) and each.is_floating_point() else each for each in arguments]
    return sensitivity(model, lambda changed: {"output": changed(*doubled)})["output"]


def model_of(shape, seed=0, dtype=torch.float64):
    torch.manual_seed(seed)
    model = Transformer(shape).to(dtype)
    for parameter in model.parameters():  # no zeros, no ones: every offset and every scale counts
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


@st.composite
def shapes(draw, architectures=("decoder", "encoder", "encoder_decoder")):
    heads = draw(st.sampled_from([1, 2, 3, 4]))
    return config(
        architecture=draw(st.sampled_from(architectures)),
        layers=draw(st.integers(1, 2)),
        d_model=draw(st.sampled_from([2, 8, 12])),
        heads=heads,
        key_value_heads=draw(st.sampled_from([n for n in range(1, heads + 1) if heads % n == 0])),
        d_head=draw(st.sampled_from([2, 4, 6])),
        positions=draw(st.sampled_from(["none", "sinusoidal", "learned", "rotary"])),
        norm=draw(st.sampled_from(["layer", "rms"])),
        norm_position=draw(st.sampled_from(["before", "after"])),
        feed_forward=draw(st.sampled_from(["relu", "gelu", "swiglu"])),
        bias=draw(st.booleans()),
        tied=draw(st.booleans()),
    )


def copy_attention(ours, theirs):
    """Give our attention the weights of torch's."""
    with torch.no_grad():
        for letter, weight, offset in zip(
            "QKV", theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3), strict=True
        ):
            getattr(ours, f"W_{letter}").copy_(weight.T)
            getattr(ours, f"b_{letter}").copy_(offset)
        ours.W_O.copy_(theirs.out_proj.weight.T)
        ours.b_O.copy_(theirs.out_proj.bias)


def copy_layer(ours, theirs):
    """Give our layer the weights of torch's encoder or decoder layer."""
    crossing = hasattr(theirs, "multihead_attn")
    copy_attention(ours.attention, theirs.self_attn)
    norms = [ours.attention_norm, ours.feed_forward_norm]
    if crossing:
        copy_attention(ours.cross_attention, theirs.multihead_attn)
        norms.insert(1, ours.cross_attention_norm)
    with torch.no_grad():
        ours.feed_forward.W_in.copy_(theirs.linear1.weight.T)
        ours.feed_forward.b_in.copy_(theirs.linear1.bias)
        ours.feed_forward.W_out.copy_(theirs.linear2.weight.T)
        ours.feed_forward.b_out.copy_(theirs.linear2.bias)
        for number, norm in enumerate(norms, start=1):
            copy_norm(norm, getattr(theirs, f"norm{number}"))


def copy_norm(ours, theirs):
    with torch.no_grad():
        ours.scale.copy_(theirs.weight)
        ours.shift.copy_(theirs.bias)


def shaken(module, seed=1):
    """Give a torch module random offsets and scales, too."""
    torch.manual_seed(seed)
    for parameter in module.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return module


def test_axis_names_are_checked():
    with pytest.raises(TypeCheckError):
        Norm(config())(random(3, 16, dtype=torch.float32))


# torch's own modules


@BOTH
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_attention_is_torchs_own(dtype, data):
    batch, heads, queries, keys = (data.draw(st.integers(1, most)) for most in (3, 4, 6, 6))
    d_head, d_value = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 5))
    q, k = random(batch, heads, queries, d_head, dtype=dtype), random(batch, heads, keys, d_head, seed=1, dtype=dtype)
    v = random(batch, heads, keys, d_value, seed=2, dtype=dtype)
    row = st.lists(st.booleans(), min_size=keys, max_size=keys).filter(any)  # a word sees something
    visible = torch.tensor(
        data.draw(st.lists(st.lists(row, min_size=queries, max_size=queries), min_size=1, max_size=1))
    )
    mask = data.draw(st.sampled_from([None, visible]))
    theirs = F.scaled_dot_product_attention(q, k, v, None if mask is None else mask.unsqueeze(1))
    # a score's error is a relative error of its exponential, and of the sum of all
    scale = v.abs().max() * (1 + 2 * (q.abs() @ k.abs().mT).max() / d_head**0.5)
    agree(attend(q, k, v, mask), theirs, d_head + 1 + 2 * keys + ACTIVATION, scale)


@BOTH
@pytest.mark.parametrize("key_value_heads", [1, 2, 4])
def test_heads_that_share_keys_are_torchs_own(dtype, key_value_heads):
    ours = Attention(config(key_value_heads=key_value_heads)).to(dtype)
    x, source = random(2, 5, 16, dtype=dtype), random(2, 7, 16, seed=1, dtype=dtype)
    q, k, v = (
        (vectors @ matrix).unflatten(-1, (-1, 4)).transpose(1, 2)
        for vectors, matrix in ((x, ours.W_Q), (source, ours.W_K), (source, ours.W_V))
    )
    theirs = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    agree(ours(x, source), theirs.transpose(1, 2).flatten(2) @ ours.W_O, ATTENTION, as_sensitive(ours, x, source))


@BOTH
@pytest.mark.parametrize("hidden", ["nothing", "later words", "padding"])
def test_multi_head_attention_is_torchs_own(dtype, hidden):
    theirs = shaken(nn.MultiheadAttention(16, 4, batch_first=True, dtype=dtype))
    ours, recording = Attention(config(bias=True)).to(dtype), Recording()
    copy_attention(ours, theirs)
    x, lengths = random(3, 6, 16, dtype=dtype), torch.tensor([6, 2, 4])
    earlier, words = attention.causal_mask(torch.arange(6), 6), attention.padding_mask(lengths, 6)
    visible = {"nothing": None, "later words": earlier.unsqueeze(0), "padding": words.unsqueeze(1)}[hidden]
    hide = {"nothing": {}, "later words": {"attn_mask": ~earlier}, "padding": {"key_padding_mask": ~words}}[hidden]
    output, weights = theirs(x, x, x, average_attn_weights=False, **hide)
    scale = as_sensitive(ours, x, x, visible)
    agree(ours(x, x, visible, options=ForwardOptions(recording)), output, ATTENTION, scale)
    agree(recording.tensors["weights"][0], weights, ATTENTION, max(1.0, scale))


@BOTH
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("norm_position", ["before", "after"])
def test_an_encoder_layer_is_torchs_own(dtype, activation, norm_position):
    first = norm_position == "before"
    theirs = nn.TransformerEncoderLayer(16, 4, 32, 0.0, activation, batch_first=True, norm_first=first, dtype=dtype)
    shape = config(d_feed_forward=32, feed_forward=activation, norm_position=norm_position, bias=True)
    ours = Layer(shape, causal=False, cross=False).to(dtype)
    copy_layer(ours, shaken(theirs))
    x, words = random(3, 6, 16, dtype=dtype), attention.padding_mask(torch.tensor([6, 2, 4]), 6)
    terms, scale = layer_terms(16, 4, 4, 6, WIDE), as_sensitive(ours, x, words.unsqueeze(1))
    agree(ours(x, words.unsqueeze(1)), theirs(x, src_key_padding_mask=~words), terms, scale)


@BOTH
@pytest.mark.parametrize("norm_position", ["before", "after"])
def test_a_decoder_layer_is_torchs_own(dtype, norm_position):
    first = norm_position == "before"
    theirs = nn.TransformerDecoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True, norm_first=first, dtype=dtype)
    ours = Layer(config(d_feed_forward=32, norm_position=norm_position, bias=True), causal=True, cross=True).to(dtype)
    copy_layer(ours, shaken(theirs))
    x, source = random(3, 6, 16, dtype=dtype), random(3, 5, 16, seed=1, dtype=dtype)
    words, earlier = attention.padding_mask(torch.tensor([5, 1, 3]), 5), attention.causal_mask(torch.arange(6), 6)
    output = theirs(x, source, tgt_mask=~earlier, memory_key_padding_mask=~words)
    given = (x, earlier.unsqueeze(0), None, source, words.unsqueeze(1))
    agree(ours(*given), output, layer_terms(16, 4, 4, 6, WIDE, cross=True), as_sensitive(ours, *given))


@BOTH
@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
def test_the_whole_model_is_torchs_own(dtype):
    theirs = nn.Transformer(16, 4, 2, 2, 32, 0.0, "gelu", batch_first=True, norm_first=True, dtype=dtype)
    ours = Transformer(config(architecture="encoder_decoder", d_feed_forward=32, bias=True, positions="none")).to(dtype)
    shaken(theirs)
    for stack, other in ((ours.encoder, theirs.encoder), (ours.decoder, theirs.decoder)):
        copy_norm(stack.final_norm, other.norm)
        for layer, same in zip(stack.layers, other.layers, strict=True):
            copy_layer(layer, same)
    text, source, words = tokens(3, 6), tokens(3, 5, seed=1), attention.padding_mask(torch.tensor([5, 1, 3]), 5)
    W_E = ours.embedding.W_E
    later = ~attention.causal_mask(torch.arange(6), 6)
    hide = {"tgt_mask": later, "src_key_padding_mask": ~words, "memory_key_padding_mask": ~words}
    given = (text, source, torch.tensor([5, 1, 3]))
    output = theirs(W_E[source], W_E[text], **hide) @ W_E.T
    agree(ours(*given), output, transformer_terms(ours.config), as_sensitive(ours, *given))


@BOTH
def test_norms_are_torchs_own_and_their_formulas(dtype):
    x = 3 * random(2, 5, 16, dtype=dtype) + 1
    layer, rms = Norm(config()).to(dtype), Norm(config(norm="rms")).to(dtype)
    for norm in (layer, rms):
        norm.scale.data = random(16, seed=1, dtype=dtype)
    layer.shift.data = random(16, seed=2, dtype=dtype)
    apart = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True, correction=0) + 1e-5).sqrt()
    # the mean's error is relative to the vector's size, which is divided by its spread
    size = (x.abs().amax(-1) / x.std(-1, correction=0)).max() * layer.scale.abs().max() + layer.shift.abs().max()
    agree(layer(x), apart * layer.scale + layer.shift, norm_terms(16), size)
    agree(rms(x), x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * rms.scale, norm_terms(16))


def test_feed_forward_by_hand():
    x = random(1, 3, 16)
    gated, bent = FeedForward(config(feed_forward="swiglu")).double(), FeedForward(config(feed_forward="relu")).double()
    gate = x @ gated.W_gate
    gated_by_hand = (gate * torch.sigmoid(gate) * (x @ gated.W_in)) @ gated.W_out
    agree(gated(x), gated_by_hand, feed_forward_terms(16, gated.W_in.shape[1]), as_sensitive(gated, x))
    bent_by_hand = (x @ bent.W_in).clamp(min=0) @ bent.W_out
    agree(bent(x), bent_by_hand, feed_forward_terms(16, bent.W_in.shape[1]), as_sensitive(bent, x))


def test_sinusoids_by_hand():
    table = attention.sinusoids(torch.arange(4), 6)
    for place in range(4):
        for pair in range(3):
            angle = place / 10_000 ** (2 * pair / 6)
            # the angle's error (a power, a product) is an absolute error of its sine
            by_hand = [math.sin(angle), math.cos(angle)]
            close(table[place, 2 * pair : 2 * pair + 2], by_hand, torch.float64, ACTIVATION, 1 + angle)


@given(st.integers(0, 500), st.integers(0, 500))
@settings(deadline=None, max_examples=20)
def test_rotary_scores_depend_on_the_distance_only(start, seed):
    q, k = random(5, 8, seed=seed), random(5, 8, seed=seed + 1)
    here, there = (attention.position_angles(torch.arange(5) + shift, 8) for shift in (0, start))
    dots = [attention.dot(attention.apply_rope(q, turned), attention.apply_rope(k, turned)) for turned in (here, there)]
    angle = 1 + float(
        attention.position_angles(torch.arange(5) + start, 8).max()
    )  # whose error turns the vectors a little
    close(
        dots[0], dots[1], torch.float64, 8 + 3 + 2 * ACTIVATION, angle * (q.norm(dim=-1).max() * k.norm(dim=-1).max())
    )
    as_complex = torch.complex(q[:, :4], q[:, 4:]) * torch.polar(torch.ones_like(here), here)
    by_hand = torch.cat((as_complex.real, as_complex.imag), -1)
    close(attention.apply_rope(q, here), by_hand, torch.float64, 3 + ACTIVATION, q.norm(dim=-1).max())


# Whatever the shape


def run(model, shape, batch, length, seed, **how):
    source = tokens(batch, 5, seed + 1) if shape.architecture == "encoder_decoder" else None
    return model(tokens(batch, length, seed), source, options=ForwardOptions(**how))


@settings(deadline=None, max_examples=30)
@given(shapes(), st.integers(1, 3), st.integers(1, 7), st.integers(0, 99))
def test_recorded_is_unrecorded_bit_by_bit(shape, batch, length, seed):
    model, recording = model_of(shape, seed, torch.float32), Recording()
    plain, recorded = (run(model, shape, batch, length, seed, **how) for how in ({}, {"record": recording}))
    assert plain.shape == (batch, length, shape.vocabulary)
    assert torch.equal(plain, recorded)
    assert torch.equal(recording.tensors["logits"][0], plain)
    assert sum(parameter.numel() for parameter in model.parameters()) == shape.parameters


@settings(deadline=None, max_examples=20)
@given(shapes(), st.integers(1, 3), st.integers(1, 7), st.integers(0, 99))
def test_what_was_recorded_is_what_the_output_was_computed_from(shape, batch, length, seed):
    model, recording = model_of(shape, seed), Recording()
    logits = run(model, shape, batch, length, seed, record=recording)
    found = recording.tensors
    W_U = model.embedding.W_E.T if model.W_U is None else model.W_U
    assert torch.equal(logits, (found["final_normed"][0] if "final_normed" in found else found["residual"][-1]) @ W_U)
    for dots, scores, weights, values, outputs in zip(
        *(found[name] for name in ("query_key_dot", "scores", "weights", "values", "head_outputs")), strict=True
    ):
        seen = scores > -math.inf
        assert torch.equal(scores[seen], (dots / math.sqrt(shape.d_head))[seen])
        assert (weights[~seen] == 0).all()
        assert torch.equal(outputs, weights @ values)
        terms = ACTIVATION + 2 * weights.shape[-1]
        close(weights, attention.softmax(scores), torch.float64, terms)
        close(weights.sum(-1), torch.ones_like(weights[..., 0]), torch.float64, terms)


@settings(deadline=None, max_examples=20)
@given(shapes(), st.integers(1, 7), st.integers(0, 99))
def test_torchs_attention_gives_the_same(shape, length, seed):
    model = model_of(shape, seed)
    plain, fused = (run(model, shape, 2, length, seed, fused=fused) for fused in (False, True))
    scale = sensitivity(model, lambda changed: {"logits": run(changed, shape, 2, length, seed)})["logits"]
    agree(plain, fused, transformer_terms(shape), scale)


@settings(deadline=None, max_examples=25)
@given(shapes(("decoder", "encoder_decoder")), st.data())
def test_with_a_cache_in_pieces_is_all_at_once(shape, data):
    model, length = model_of(shape), data.draw(st.integers(1, 7))
    cuts = [0, *sorted(data.draw(st.sets(st.integers(1, length - 1)) if length > 1 else st.just(()))), length]
    text, source, lengths = tokens(2, length), None, None
    if shape.architecture == "encoder_decoder":
        source, lengths = tokens(2, 5, seed=1), torch.tensor([5, 3])
    how = ForwardOptions(kv_cache={}, fused=data.draw(st.booleans()))
    pieces = [model(text[:, a:b], source, lengths, how) for a, b in pairwise(cuts)]
    scale = as_sensitive(model, text, source, lengths)
    agree(torch.cat(pieces, dim=1), model(text, source, lengths), transformer_terms(shape), scale)


@settings(deadline=None, max_examples=20)
@given(shapes(("decoder", "encoder_decoder")), st.integers(1, 5), st.integers(1, 5))
def test_what_is_appended_does_not_change_what_came_before(shape, length, more):
    model, text = model_of(shape), tokens(2, length + more)
    source = tokens(2, 5, seed=1) if shape.architecture == "encoder_decoder" else None
    scale = as_sensitive(model, text, source)
    agree(model(text, source)[:, :length], model(text[:, :length], source), transformer_terms(shape), scale)


def test_an_encoder_sees_what_comes_after():
    model, text = model_of(config(architecture="encoder")), tokens(1, 5)
    assert not torch.allclose(model(text)[:, :4], model(text[:, :4]), atol=1e-3)


@settings(deadline=None, max_examples=10)
@given(shapes(("encoder",)), st.integers(1, 5), st.integers(1, 4), st.integers(0, 29))
def test_no_word_sees_padding(shape, length, padding, filler):
    model, text = model_of(shape), tokens(1, length)
    longer = F.pad(text, (0, padding), value=filler)
    padded = model(longer, None, torch.tensor([length]))[:, :length]
    agree(padded, model(text), transformer_terms(shape), as_sensitive(model, text))


def test_an_encoder_without_positions_does_not_know_the_order():
    model, text = model_of(config(architecture="encoder", positions="none")), tokens(1, 5)
    order = torch.tensor([3, 0, 4, 1, 2])
    agree(model(text[:, order]), model(text)[:, order], transformer_terms(model.config), as_sensitive(model, text))


@pytest.mark.parametrize("architecture", ["decoder", "encoder_decoder"])
def test_writing_on(architecture):
    model, text = model_of(config(architecture=architecture, positions="rotary", key_value_heads=1)), tokens(2, 3)
    source = tokens(2, 5, seed=1) if architecture == "encoder_decoder" else None
    written = generate(model, text, 6, source=source)
    slowly = text
    for _ in range(6):
        slowly = torch.cat((slowly, model(slowly, source)[:, -1:].argmax(-1)), dim=1)
    assert written.tolist() == slowly.tolist()
    assert generate(model, text, 2, source=source, choose=lambda logits: logits.argmin(-1)).shape == (2, 5)
    assert generate(model, text, 0, source=source).tolist() == text.tolist()


def test_what_cannot_be_written():
    with pytest.raises(ProblemsFound, match="an encoder cannot write on; use a decoder or an encoder_decoder"):
        generate(model_of(config(architecture="encoder")), tokens(1, 3), 1)
    with pytest.raises(
        ProblemsFound, match="14 tokens after 3 are too many; there is room for 13 more in a context of 16"
    ):
        generate(model_of(config()), tokens(1, 3), 14)


def test_every_parameter_learns():
    for architecture in ("decoder", "encoder", "encoder_decoder"):
        for gated in ("gelu", "swiglu"):
            model = model_of(config(architecture=architecture, feed_forward=gated, bias=True, tied=False))
            source = tokens(2, 5, seed=1) if architecture == "encoder_decoder" else None
            F.cross_entropy(model(tokens(2, 16), source).flatten(0, 1), tokens(2, 16, seed=2).flatten()).backward()
            still = [name for name, parameter in model.named_parameters() if not parameter.grad.abs().max() > 1e-9]
            # the same number added to all keys raises all scores of a query alike, which changes no weight
            assert all(name.endswith("attention.b_K") for name in still), still
