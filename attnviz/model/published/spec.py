"""What a pretrained model is, read from its config.json and tokenizer.json alone: no torch, no transformers."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.stand_ins import AGAIN, HEAD, check_file_is_itself, check_is_itself
from attnviz.input.whole_files import write_whole
from attnviz.model.published.names import find_pretrained
from attnviz.model.tokenizer import Piece, Tokenizer
from attnviz.model.tokens import distinct
from attnviz.model.transformer_config import Architecture

LONGEST = 512  # tokens of a text: tables of queries and keys grow with its square
MOST, MOST_WORDS = 65_536, 10_000_000  # heads, layers, coordinates; words of a vocabulary, or of a text
LARGEST_JSON = 20_000_000  # bytes
_ENCODERS = ("bert", "electra", "mpnet", "xlm", "esm", "deberta", "ernie", "big_bird", "roformer")
_GUESSING = ("ForCausalLM", "LMHeadModel", "ForMaskedLM", "ForPreTraining", "ForConditionalGeneration", "MTModel")
_OTHER_SENSES = ("vision_config", "audio_config", "image_size", "num_mel_bins", "text_config")
# How the architectures call one and the same number.
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers")
_HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads")
_KEY_VALUE_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv")
_D_MODEL = ("hidden_size", "n_embd", "d_model", "dim")
_D_HEAD = ("head_dim", "d_kv")
# Their create_position_ids_from_input_ids begins at padding_idx + 1.
_COUNTED_PAST_PADDING = {
    *(
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
        "xlm-roberta-xl",
        "camembert",
        "xmod",
        "ibert",
        "data2vec-text",
    ),
    *("mpnet", "longformer", "luke", "markuplm"),
}
_CONTEXT = ("max_position_embeddings", "n_positions")


@dataclass(frozen=True)
class PretrainedSpec:
    """A pretrained model: where it lies, its shape in numbers, and its tokenizer.

    `guesses`: it has logits, a number for every word of the vocabulary at every place.
    `start` and `end` are the tokens with which an encoder–decoder's decoder begins and stops, `begin` the one before a
    text, if there is one.
    `quantised`: to what the weights were rounded before they came here, such as "Q4_1".
    `token_types`: how many kinds of tokens it tells apart besides, as BERT does the sentences of a pair.
    """

    name: str
    folder: Path
    cache: Path
    model_type: str
    architecture: Architecture
    guesses: bool
    vocabulary: int
    context: int
    layers: int
    heads: int
    key_value_heads: int
    d_head: int
    d_model: int
    padding: int
    start: int
    end: int | None
    quantised: str | None
    token_types: int = 0
    begin: int | None = None

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """What cuts texts into the model's tokens; raises `ProblemsFound` if there is none that can be read."""
        path = self.folder / "tokenizer.json"
        if not path.is_file():
            hint = "save it with transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…)"
            raise ProblemsFound(Problem("the model has no tokenizer.json", self.folder, hint=hint))
        return Tokenizer.read(path)

    @property
    def weight_files(self) -> list[Path]:
        """The files that hold the weights."""
        return _weight_files(self.folder)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """A name for every number that the model knows; some have more numbers than the tokenizer has words."""
        known = self.tokenizer.vocabulary[: self.vocabulary]
        return distinct([*known, *(f"<{number}>" for number in range(len(known), self.vocabulary))])

    def pieces(self, text: str) -> list[Piece]:
        """Return the tokens of a text, with those that the model expects around it; raise `ProblemsFound`."""
        return self._checked(self.tokenizer.pieces(text))

    def types_of(self, text: str) -> list[int]:
        """Return the token types of a text: all 0, unless it is a pair of sentences and the model tells them apart."""
        types = self.tokenizer.type_ids(text)
        told_apart = self.architecture == "encoder" and max(types, default=0) < self.token_types
        return types if told_apart else [0] * len(types)

    def target_pieces(self, text: str | None) -> list[Piece]:
        """Return what an encoder–decoder's decoder reads: its start token, then a text that it is to continue.

        Where a tokenizer puts the code of a language around a text it is that of the source; a target begins with its
        own, written there or known as the start token. Raises `ProblemsFound`.
        """
        begin = [Piece(self.words[self.start], self.words[self.start], self.start)]
        if text and self._has_languages:
            written = self._checked(self.tokenizer.pieces(text, bare=True))
            coded = self.tokenizer.stands_alone(written[0].number)
            if self.start != self.end:  # the start token is a code itself: another one takes its place
                begin = [] if coded else begin
            elif not coded:
                hint = "write the language's code before it, as in `=> deu_Latn …`"
                raise ProblemsFound(Problem(f"in which language is {text!r}?", hint=hint))
        else:
            written = self.pieces(text) if text else []
            written = written[:-1] if written and written[-1].number == self.end else written
        pieces = begin + written
        labels = distinct(piece.label for piece in pieces)
        return [piece._replace(label=label) for piece, label in zip(pieces, labels, strict=True)]

    @property
    def _has_languages(self) -> bool:
        """Whether the tokenizer puts more around a text than what begins and ends it: the code of its language."""
        return bool(self.tokenizer.around - {self.start, self.end, self.begin, self.padding})

    def _checked(self, pieces: list[Piece]) -> list[Piece]:
        """Return tokens that the model can read."""
        longest = min(self.context, LONGEST)
        if len(pieces) > longest:
            raise ProblemsFound(Problem(f"the text has {len(pieces)} tokens", hint=f"at most {longest} can be traced"))
        strange = next((piece for piece in pieces if piece.number >= self.vocabulary), None)
        if strange:
            hint = "the tokenizer belongs to another model"
            raise ProblemsFound(Problem(f"the model has no number for {strange.label!r}", self.folder, hint=hint))
        return pieces


def read_pretrained(name: str, near: Path | None = None, cache: Path = Path(".attnviz")) -> PretrainedSpec:
    """Return what a pretrained model is: `minilm`, `smollm2`, `hf:PATH` (relative to `near`) or `hf:OWNER/NAME`.

    `cache` is a folder for what is computed once. Raises `ProblemsFound` if it is not there, or not to be read safely.
    """
    spec = read_folder(find_pretrained(name, near, cache), name, cache)
    assert spec.tokenizer  # reads it, or tells what is wrong with it
    return spec


def read_folder(folder: Path, name: str, cache: Path) -> PretrainedSpec:
    """Return what the model in a folder is, its tokenizer not yet read; raises `ProblemsFound`."""
    config = _read_json(folder / "config.json", "a model's folder has a config.json")
    shape = _shape(config, folder / "config.json")
    _check_weights(folder)
    for path in _weight_files(folder):
        check_file_is_itself(path)
    return PretrainedSpec(name=name, folder=folder, cache=cache, **shape)


def fingerprint(spec: PretrainedSpec) -> str:
    """Return 12 hex digits of a SHA-256 over the content of all files that the model consists of."""
    files = [spec.folder / "config.json", spec.folder / "tokenizer.json", *spec.weight_files]
    return hashlib.sha256("".join(_digest(file, spec.cache) for file in files).encode()).hexdigest()[:12]


def _digest(path: Path, cache: Path) -> str:
    """Return the SHA-256 of a file; it is kept, and computed again only when the file has changed."""
    status = path.stat()
    key = hashlib.sha256(repr((str(path.resolve()), status.st_size, status.st_mtime_ns)).encode()).hexdigest()
    kept = cache / "pretrained" / "digests" / key
    with contextlib.suppress(OSError, ValueError):
        known = kept.read_text()
        if len(known) == 64:
            return known
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with contextlib.suppress(OSError):  # then it is computed again
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, digest.encode())
    return digest


def _shape(config: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the fields of a spec that config.json tells."""
    if any(key in config for key in _OTHER_SENSES) or "vocab_size" not in config:
        raise ProblemsFound(Problem("this is not a text model", path, hint="its config.json must have a vocab_size"))
    heads, d_model = _number(config, path, _HEADS), _number(config, path, _D_MODEL)
    layers, both = _number(config, path, _LAYERS), config.get("is_encoder_decoder") is True
    if both and {_number(config, path, (key,), layers) for key in ("num_decoder_layers", "decoder_layers")} != {layers}:
        raise ProblemsFound(Problem("the encoder and the decoder differ in the number of layers", path))
    model_type, written = str(config.get("model_type", "")), config.get("architectures")
    made_for = str(written[0]) if isinstance(written, list) and written else ""
    encoder = made_for.endswith(("ForMaskedLM", "EncoderModel")) or any(kind in model_type for kind in _ENCODERS)
    one: Architecture = "encoder" if encoder and config.get("is_decoder") is not True else "decoder"
    only_encoder = made_for.endswith("EncoderModel")
    return {
        "model_type": model_type,
        "architecture": "encoder_decoder" if both and not only_encoder else one,
        "guesses": made_for.endswith(_GUESSING),
        "vocabulary": _number(config, path, ("vocab_size",)),
        "context": _context(config, path, model_type),
        "layers": layers,
        "heads": heads,
        "key_value_heads": 1 if config.get("multi_query") is True else _number(config, path, _KEY_VALUE_HEADS, heads),
        "d_head": _number(config, path, _D_HEAD, d_model // heads),
        "d_model": d_model,
        "padding": _token(config, "pad_token_id") or 0,
        "start": _token(config, "decoder_start_token_id") or 0,
        "end": _token(config, "eos_token_id"),
        "token_types": _number(config, path, ("type_vocab_size",), 1) if config.get("type_vocab_size") else 0,
        "begin": _token(config, "bos_token_id"),
        "quantised": config["quantised"] if isinstance(config.get("quantised"), str) else None,
    }


def _context(config: dict[str, Any], path: Path, model_type: str) -> int:
    """Return how many tokens have a place; RoBERTa and its kind count places from one after the padding token."""
    places = _number(config, path, _CONTEXT, LONGEST)
    return (
        max(1, places - (1 + (_token(config, "pad_token_id") or 0))) if model_type in _COUNTED_PAST_PADDING else places
    )


def _number(config: dict[str, Any], path: Path, names: Sequence[str], default: int | None = None) -> int:
    """Return a count, whatever this architecture calls it."""
    value = next((config[name] for name in names if config.get(name) is not None), default)
    most = MOST_WORDS if names[0] in ("vocab_size", *_CONTEXT) else MOST
    if type(value) is not int or not 1 <= value <= most:
        what = f"{names[0]} is {value!r}" if value is not None else f"there is no {names[0]}"
        raise ProblemsFound(Problem(what, path, hint="expected a count, as in a transformer's config.json"))
    return value


def _token(config: dict[str, Any], name: str) -> int | None:
    value = config.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return value if type(value) is int and 0 <= value < config["vocab_size"] else None


def _weight_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("model*.safetensors"))


def _check_weights(folder: Path) -> None:
    """Raise `ProblemsFound` unless all weights lie in safetensors files."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        parts = _read_json(index, "expected a table of files").get("weight_map")
        if not isinstance(parts, dict):
            raise ProblemsFound(Problem("this has no table of files", index, hint="expected a 'weight_map'"))
        missing = sorted({str(part) for part in parts.values()} - {path.name for path in _weight_files(folder)})
        if missing:
            what = f"the model's part '{missing[0]}' is missing"
            raise ProblemsFound(Problem(what, folder, hint="download it again"))
    elif not (folder / "model.safetensors").is_file():
        pickles = sorted(path.name for kind in ("*.bin", "*.pt", "*.pth", "*.ckpt") for path in folder.glob(kind))
        what = f"the weights are in '{pickles[0]}', a pickle" if pickles else "there is no model.safetensors"
        hint = "a pickle can run code when it is opened: only safetensors are read" if pickles else None
        raise ProblemsFound(Problem(what, folder, hint=hint))


def _read_json(path: Path, hint: str) -> dict[str, Any]:
    """Read a JSON object; raise `ProblemsFound` if there is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_JSON)
        check_is_itself(path, raw[:HEAD])
        data = json.loads(raw)
    except OSError as error:
        raise ProblemsFound(Problem(f"cannot be read: {error.strerror}", path, hint=hint)) from None
    except (ValueError, RecursionError) as error:
        if raw.lstrip().startswith(b"{") and _is_cut_short(raw, error):
            raise ProblemsFound(Problem("the file is cut short", path, hint=AGAIN)) from None
        raise ProblemsFound(Problem(f"this is not JSON: {error}", path, hint=hint)) from None
    if not isinstance(data, dict):
        raise ProblemsFound(Problem("this is not a JSON object", path, hint=hint))
    return data


def _is_cut_short(raw: bytes, error: Exception) -> bool:
    """Say whether bytes that are not JSON only end too early."""
    ends = isinstance(error, json.JSONDecodeError) and error.pos >= len(error.doc.rstrip())
    return ends or not raw.rstrip().endswith(b"}")
