"""What a translating decoder reads: the code of the target's language, never that of the source, as it was trained."""

from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("transformers", reason="needs the extra `pretrained`")

from tokenizers import AddedToken, Tokenizer, processors

from attnviz.input.problems import ProblemsFound
from attnviz.model.published.spec import PretrainedSpec, read_folder
from tests.model.pretrained_models import save, tokenizer

pytestmark = pytest.mark.pretrained
CODES = ["eng_Latn", "deu_Latn"]


@pytest.fixture
def spec_of(tmp_path):
    """Make the spec of a model with a template, and with a start token and an end token by their names."""

    def make(template: str, start: str, end: str = "[SEP]") -> PretrainedSpec:
        inner: Tokenizer = tokenizer(template=False)
        inner.add_special_tokens([AddedToken(code, special=True) for code in CODES])
        known = [(token, inner.token_to_id(token)) for token in ("[CLS]", "[SEP]", *CODES)]
        inner.post_processor = processors.TemplateProcessing(single=template, special_tokens=known)
        folder = save("t5", tmp_path / "model", vocab_size=inner.get_vocab_size())
        (folder / "tokenizer.json").write_text(inner.to_str())
        numbers = {"start": inner.token_to_id(start), "end": inner.token_to_id(end), "begin": 2}
        return dataclasses.replace(read_folder(folder, "m", tmp_path / "cache"), **numbers)

    return make


def read(spec: PretrainedSpec, text: str) -> list[str]:
    return [piece.label for piece in spec.target_pieces(text)]


def test_a_decoder_that_begins_with_the_end_token_reads_the_targets_code(spec_of):
    nllb = spec_of("eng_Latn $A [SEP]", "[SEP]")
    assert read(nllb, "deu_Latn an apple") == ["[SEP]", "deu_Latn", "an", "apple"]
    assert [piece.label for piece in nllb.pieces("an apple")] == ["eng_Latn", "an", "apple", "[SEP]"]
    with pytest.raises(ProblemsFound, match=r"in which language is 'an apple'\?; write the language's code before it"):
        read(nllb, "an apple")


def test_a_decoder_that_begins_with_a_code_reads_that_or_another(spec_of):
    mbart = spec_of("$A [SEP] eng_Latn", "deu_Latn")
    assert read(mbart, "an apple") == ["deu_Latn", "an", "apple"]
    assert read(mbart, "eng_Latn an apple") == ["eng_Latn", "an", "apple"]


def test_where_there_are_no_languages_a_target_has_what_is_put_around_a_text(spec_of):
    bart = spec_of("[CLS] $A [SEP]", "[SEP]")
    assert read(bart, "an apple") == ["[SEP]", "[CLS]", "an", "apple"]
    assert read(bart, "") == ["[SEP]"]
