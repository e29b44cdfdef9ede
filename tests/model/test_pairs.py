"""Pairs of sentences: a model of BERT's kind reads `A [SEP] B` with the token types of its tokenizer's own pair."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers", reason="needs the extra `pretrained`")

import torch
import transformers

from attnviz.model.published.spec import read_folder
from attnviz.model.published.traces import trace_pretrained
from tests.model.pretrained_models import save

pytestmark = pytest.mark.pretrained


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert")
    save("bert", folder)
    return read_folder(folder, "bert", folder / "cache")


@torch.no_grad()
def weights_of(spec, ids, types):
    model = transformers.AutoModel.from_pretrained(spec.folder, attn_implementation="eager").eval()
    found = model(torch.tensor([ids]), token_type_ids=torch.tensor([types]), output_attentions=True).attentions
    return torch.stack([layer[0] for layer in found])


def test_a_pair_has_the_types_of_the_tokenizers_own(bert):
    texts = ["an apple [SEP] a new phone", "orange and apple", "an [SEP] apple [SEP] phone"]
    assert [bert.types_of(text) for text in texts] == [[0, 0, 0, 0, 1, 1, 1, 1], [0] * 5, [0, 0, 0, 1, 1, 1, 1]]
    pair, plain, _ = trace_pretrained(bert, texts)
    for trace, types in ((pair, bert.types_of(texts[0])), (plain, [0] * 5)):
        ids = trace.tokens.values.tolist()
        theirs = weights_of(bert, ids, types)
        torch.testing.assert_close(torch.from_numpy(trace.weights.values), theirs, rtol=0, atol=2**-20)
    apart = weights_of(bert, pair.tokens.values.tolist(), [0] * 8) - torch.from_numpy(pair.weights.values)
    assert float(apart.abs().max()) > 0.01  # the types matter


def test_where_there_is_one_type_nothing_is_told(bert, tmp_path):
    save("roberta", tmp_path)
    one = read_folder(tmp_path, "roberta", tmp_path / "cache")
    assert one.types_of("an apple [SEP] a new phone")[-1] == 0
