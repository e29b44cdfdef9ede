"""Tokenizers: words and their pieces are named as people would, whichever way a model marks them."""

from __future__ import annotations

import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as Inner
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

from attnviz.input.problems import ProblemsFound
from attnviz.model.tokenizer import Tokenizer

TEXT = ["apple unveiled a new phone", "please buy an apple and an orange", "unveil it"] * 20


def byte_level() -> Inner:
    inner = Inner(models.BPE())
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=300, show_progress=False, initial_alphabet=letters))
    return inner


def word_piece() -> Inner:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "an", "apple", "un", "##veil", "##ed", "and", "."]
    inner = Inner(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    inner.normalizer, inner.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    inner.add_special_tokens(words[:4])
    inner.enable_truncation(4)
    inner.enable_padding(length=20)
    return inner


def unigram() -> Inner:
    words = ["<pad>", "</s>", "<unk>", "▁an", "▁apple", "▁un", "veil", "ed", "▁", "n", "a", "▁and"]
    inner = Inner(models.Unigram([(word, -1.0 - number / 10) for number, word in enumerate(words)], unk_id=2))
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    inner.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    inner.add_special_tokens(words[:3])
    return inner


def whole_text_bpe() -> Inner:
    """As in Llama 2: words are not split before the merges."""
    vocabulary = {"<unk>": 0, "▁": 1, "a": 2, "n": 3, "▁a": 4, "▁an": 5, "e": 6, "d": 7, "ed": 8}
    merges = [("▁", "a"), ("▁a", "n"), ("e", "d")]
    inner = Inner(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True))
    inner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return inner


def letters_of_llama() -> Inner:
    """As in Llama 2, with every letter of the texts below."""
    known = dict.fromkeys("▁" + "it was too tired.didn't3cross-gpt(2024)日本は") | dict.fromkeys(
        ["▁t", "ti", "re", "red"]
    )
    inner = Inner(
        models.BPE(
            vocab={token: number for number, token in enumerate(known)},
            merges=[("▁", "t"), ("t", "i"), ("r", "e"), ("re", "d")],
        )
    )
    inner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return inner


def whole_words() -> Inner:
    words = ["<mask>", ".", "an", "and", "apple", "orange"]
    inner = Inner(models.WordLevel({word: number for number, word in enumerate(words)}))
    inner.normalizer, inner.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    inner.add_special_tokens(["<mask>"])
    return inner


def labels(inner: Inner, text: str) -> list[str]:
    return [piece.label for piece in Tokenizer(inner).pieces(text)]


def words(inner: Inner, text: str) -> list[str]:
    return [piece.word for piece in Tokenizer(inner).pieces(text)]


def test_whole_words_are_themselves_and_repeated_ones_are_counted() -> None:
    text = "An apple and an apple."
    assert labels(whole_words(), text) == ["an", "apple", "and", "an#2", "apple#2", "."]
    assert words(whole_words(), text) == ["An", "apple", "and", "an", "apple", "."]
    assert labels(whole_words(), "an <mask> and an orange") == ["an", "<mask>", "and", "an#2", "orange"]


def test_byte_level_pieces() -> None:
    assert labels(byte_level(), "apple unveiled a phone") == ["apple", "unveiled", "a", "phone"]
    assert labels(byte_level(), "apple unveils") == ["apple", "unvei-", "-l-", "-s"]
    assert words(byte_level(), "apple unveils") == ["apple", "unveils", "unveils", "unveils"]
    assert labels(byte_level(), "a é")[-2:] == ["-<C3>-", "-<A9>"]


def test_word_pieces_and_specials_as_written() -> None:
    text = "An apple unveiled zebra."
    assert labels(word_piece(), text) == ["[CLS]", "an", "apple", "un-", "-veil-", "-ed", "[UNK]", ".", "[SEP]"]
    assert words(word_piece(), text)[-4:] == ["unveiled", "zebra", ".", "[SEP]"]
    assert Tokenizer(word_piece()).vocabulary[-4:] == ("-veil", "-ed", "and", ".")


def test_unigram_pieces() -> None:
    assert labels(unigram(), "an apple unveiled") == ["an", "apple", "un-", "-veil-", "-ed", "</s>"]
    assert Tokenizer(unigram()).vocabulary[3:9] == ("an", "apple", "un", "-veil", "-ed", "␣")


def test_words_end_at_spaces_even_where_the_tokenizer_does_not_split_them() -> None:
    assert labels(whole_text_bpe(), "an aned an") == ["an", "an-", "-ed", "an#2"]
    assert words(whole_text_bpe(), "an aned an") == ["an", "aned", "aned", "an"]


def bert() -> Inner:
    letters = sorted(set("it was too tired.didn't3cross-gpt(2024)日本は") - {" "})
    known = ["[UNK]", *letters, *(f"##{letter}" for letter in letters)]
    inner = Inner(models.WordPiece({token: number for number, token in enumerate(known)}, unk_token="[UNK]"))
    inner.normalizer, inner.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    return inner


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("it was too tired.", ["it", "was", "too", "tired", "."]),
        ("(tired...)", ["(", "tired", ".", ".", ".", ")"]),
        ("gpt-3 didn't cross", ["gpt", "-", "3", "didn", "'", "t", "cross"]),
        ("gpt2 2024", ["gpt2", "2024"]),
        ("日本は", ["日", "本", "は"]),
    ],
)
@pytest.mark.parametrize("make", [letters_of_llama, bert])
def test_a_word_keeps_its_name_whatever_the_tokenizer(make, text: str, each: list[str]) -> None:
    assert words_of(make(), text) == [word for word, _ in groupby(each)]


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="it was too tired.didn't3cross-gpt(2024)日本は", min_size=1, max_size=20)
    .map(str.split)
    .filter(bool)
)
def test_words_are_the_same_in_all_tokenizers(parts: list[str]) -> None:
    text = " ".join(parts)  # a second space is a token in some, and nothing in others
    assert words_of(letters_of_llama(), text) == words_of(bert(), text)


def words_of(inner: Inner, text: str) -> list[str]:
    """The words of a text in order; of one that is repeated at once only the first."""
    return [word for word, _ in groupby(words(inner, text))]


def test_a_word_before_a_full_stop_has_its_own_name() -> None:
    assert labels(letters_of_llama(), "was tired.")[-4:] == ["t-", "-i-", "-red", "."]


@pytest.mark.parametrize("make", [byte_level, word_piece, unigram, whole_text_bpe, whole_words])
def test_every_number_has_a_name_of_its_own(make) -> None:
    tokenizer = Tokenizer(make())
    assert len(set(tokenizer.vocabulary)) == len(tokenizer.vocabulary) == make().get_vocab_size()
    assert all(name.isprintable() and name for name in tokenizer.vocabulary)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for tokenizer in ANY:
        try:
            pieces = tokenizer.pieces(text)
        except ProblemsFound as found:
            assert all(str(problem).isprintable() for problem in found.problems)
            continue
        assert len({piece.label for piece in pieces}) == len(pieces) > 0
        assert all(piece.word.split() for piece in pieces if not piece.label.startswith(("<", "␣", "-")))


ANY = [Tokenizer(make()) for make in (byte_level, word_piece, unigram, whole_text_bpe, whole_words)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  ", "the text is empty"),
        ("an appel", "the model does not know the word 'appel'; did you mean 'apple'?"),
        ("an " * 40_000, "the text has 120,000 letters"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, message: str) -> None:
    with pytest.raises(ProblemsFound, match=message.replace("?", r"\?")):
        Tokenizer(whole_words()).pieces(text)


def test_letters_that_a_tokenizer_would_drop_are_told() -> None:
    inner = Inner(models.BPE(vocab={"a": 0}, merges=[]))
    with pytest.raises(ProblemsFound, match="the model has no token for 'b'"):
        Tokenizer(inner).pieces("ab")


def test_files_are_read_and_damaged_ones_refused(tmp_path: Path) -> None:
    whole_words().save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer.read(tmp_path / "tokenizer.json")
    assert tokenizer.vocabulary[2:4] == ("an", "and")
    assert tokenizer.number("apple") == 4
    assert tokenizer.number("pear") is None
    (tmp_path / "bad.json").write_text('{"model": ]}')
    for name, message in {"bad.json": "this is not a tokenizer", "none.json": "cannot be read"}.items():
        with pytest.raises(ProblemsFound, match=message):
            Tokenizer.read(tmp_path / name)


def test_numbers_that_no_model_has_are_refused(tmp_path: Path) -> None:
    """A list of names for so many tokens would fill the memory."""
    path = tmp_path / "tokenizer.json"
    Inner(models.WordLevel({"an": 0, "apple": 1})).save(str(path), pretty=False)
    path.write_text(path.read_text().replace('"apple":1', '"apple":4000000000'))
    with pytest.raises(ProblemsFound, match="a token with the number 4,000,000,000"):
        _ = Tokenizer.read(path).vocabulary


def test_reading_a_tokenizer_needs_no_torch(tmp_path: Path) -> None:
    whole_words().save(str(tmp_path / "tokenizer.json"))
    code = (
        "import sys, pathlib; from attnviz.model.tokenizer import Tokenizer\n"
        "Tokenizer.read(pathlib.Path(sys.argv[1])).pieces('an apple')\n"
        "print(sorted({'torch', 'manim', 'transformers', 'huggingface_hub'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "tokenizer.json")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
