"""What a pretrained model is, read from its config.json and tokenizer.json alone: no torch, no transformers."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound, TooLong
from attnviz.input.stand_ins import check_file_is_itself
from attnviz.input.whole_files import write_whole
from attnviz.model.published.config_json import LONGEST, read_json, shape_of
from attnviz.model.published.names import find_pretrained
from attnviz.model.tokenizer import Piece, Tokenizer
from attnviz.model.tokens import distinct

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")


@dataclass(frozen=True)
class PretrainedSpec:
    """A pretrained model: where it lies, its shape in numbers, and its tokenizer.

    `made_for` is the class of transformers that its weights are of, `both`: it has an encoder and a decoder. Whether a
    model of one stack is an encoder or a decoder its mask tells, once it is loaded (`loading.Loaded`).
    `guesses`: it has logits, a number for every word of the vocabulary at every place.
    `start` and `end` are the tokens with which an encoder–decoder's decoder begins and stops, `begin` the one before a
    text, if there is one.
    `quantised`: to what the weights were rounded before they came here, such as "Q4_1".
    `biased`: scores are changed by how far apart two words are, as in T5.
    `token_types`: how many kinds of tokens it tells apart besides, as BERT does the sentences of a pair.
    """

    name: str
    folder: Path
    cache: Path
    model_type: str
    made_for: str
    both: bool
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
    biased: bool = False

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
        told_apart = not self.both and max(types, default=0) < self.token_types
        return types if told_apart else [0] * len(types)

    def target_pieces(self, text: str | None) -> list[Piece]:
        """Return what an encoder–decoder's decoder reads: its start token, then a text that it is to continue.

        Where a tokenizer puts the code of a language around a text it is that of the source; a target begins with its
        own, written there or known as the start token. Raises `ProblemsFound`.
        """
        begin = [Piece(self.words[self.start], self.words[self.start], self.start, added=True)]
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
            raise TooLong(Problem(f"the text has {len(pieces)} tokens", hint=f"at most {longest} can be traced"))
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
    config = read_json(folder / "config.json", "a model's folder has a config.json")
    shape = shape_of(config, folder / "config.json")
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


def _weight_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("model*.safetensors"))


def _check_weights(folder: Path) -> None:
    """Raise `ProblemsFound` unless all weights lie in safetensors files."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        parts = read_json(index, "expected a table of files").get("weight_map")
        if not isinstance(parts, dict):
            raise ProblemsFound(Problem("this has no table of files", index, hint="expected a 'weight_map'"))
        missing = sorted({str(part) for part in parts.values()} - {path.name for path in _weight_files(folder)})
        if missing:
            what = f"the model's part '{missing[0]}' is missing"
            raise ProblemsFound(Problem(what, folder, hint="download it again"))
    elif not (folder / "model.safetensors").is_file():
        raise ProblemsFound(_missing_weights(folder))


def _missing_weights(folder: Path) -> Problem:
    """Return the problem of a folder without model.safetensors: what lies there instead, and what to do."""
    others = [path.name for kind in (*_PICKLES, "*.safetensors", "*.gguf") for path in sorted(folder.glob(kind))]
    if not others:
        return Problem("there is no model.safetensors", folder)
    name, hint = others[0], "save it with transformers: AutoModel….from_pretrained(…).save_pretrained(…)"
    if any(Path(name).match(kind) for kind in _PICKLES):
        hint = "a pickle can run code when it is opened: only safetensors are read"
        return Problem(f"the weights are in '{name}', a pickle", folder, hint=hint)
    if name.startswith("adapter"):
        hint = "an adapter only changes another model: merge the two, and save the whole"
    return Problem(f"there is no model.safetensors, but '{name}'", folder, hint=hint)
