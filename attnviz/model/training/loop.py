"""The training loop: batches, cross-entropy, AdamW, checkpoints from which an interrupted training goes on."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch.nn import functional as F  # noqa: N812

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import check_writable, replacing
from attnviz.model.recording import DEFAULTS, ForwardOptions
from attnviz.model.trained.checksums import CHECKSUMS
from attnviz.model.trained.course import kept_steps, step_file
from attnviz.model.trained.folder import check_fit, check_whole, save_parameters
from attnviz.model.training.config import TrainingFile
from attnviz.model.training.data import IGNORED, Batch, GrammarData, TextData, data_of, masked_tokens, next_tokens
from attnviz.model.training.folder import CHECKPOINT
from attnviz.model.training.words import MASK
from attnviz.model.transformer import Transformer

if TYPE_CHECKING:
    from torch import Tensor

_ANEW = "choose another folder, or delete the file to begin anew"
_BETAS = (0.9, 0.95)
_SMALL = 1_000_000  # parameters; below, threads would wait for one another longer than they work
_GLANCE = 20  # so many steps apart, the loss is looked at; a GPU need not be waited for in between

Watch = Callable[[int, float], None]  # is told the number of steps done, and the loss of the last


class Training:
    """A training in progress; its state depends on the training file and the number of steps only."""

    def __init__(self, file: TrainingFile, device: str) -> None:
        self.file, self.spec, self.device = file, file.spec, device
        self.data: GrammarData | TextData = data_of(file)
        self.identity = identity_of(file)
        torch.manual_seed(self.spec.seed)
        self.model = Transformer(file.shape(len(self.data.tokenizer.vocabulary))).to(device)
        if self.model.config.parameters < _SMALL:
            torch.set_num_threads(1)  # and the result does not depend on how many cores there are
        self.optimizer = self._optimizer()
        self.losses = torch.zeros(self.spec.steps, device=device)
        self.done = 0

    def run(self, out: Path, watch: Watch) -> None:
        """Take all remaining steps; save the parameters along the way in `steps/`, and a checkpoint to resume from."""
        check_writable([step_file(out, self.spec.steps)])
        if not self.done:
            # Films would show the steps of a training that was given up as this one's
            for older in kept_steps(out).values():
                older.unlink()
        self.model.train()
        while self.done < self.spec.steps:
            self._save(out)
            self._step(self._batch(self.done))
            if self.done % _GLANCE == 0 or self.done == self.spec.steps:
                watch(self.done, self._last_loss())
        self._save(out)
        self.model.eval()

    def resume(self, out: Path) -> None:
        """Resume an interrupted training of the same file, if there is a checkpoint in this folder."""
        path = out / CHECKPOINT
        if not path.exists():
            return
        check_whole(path, _ANEW)
        try:
            with safe_open(path, "pt") as stored:
                about = json.loads((stored.metadata() or {})["training"])
                identity, done, checksum = about["identity"], int(about["done"]), about.get(CHECKSUMS)
            tensors = load_file(path, device=self.device)
        except (KeyError, TypeError, ValueError):
            raise ProblemsFound(Problem("no training that was interrupted has left this", path, hint=_ANEW)) from None
        if identity != self.identity:
            raise ProblemsFound(Problem("another training was begun here and not finished", path, hint=_ANEW))
        check_fit(self._state(), tensors, path)
        if checksum not in (None, checksum_of(tensors, done)):  # there was none before
            message = "the file is not as the training has left it: its checksum is another"
            raise ProblemsFound(Problem(message, path, hint=f"copy it again, or {_ANEW}"))
        self._restore(tensors)
        self.done = done

    def _step(self, batch: Batch) -> None:
        """Take one optimiser step on a batch."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.spec.rate(self.done)
        on_gpu = self.device == "cuda"
        narrow = torch.autocast("cuda", torch.bfloat16) if on_gpu else contextlib.nullcontext()
        with narrow:
            loss = loss_of(self.model, batch.to(self.device), ForwardOptions(fused=True) if on_gpu else DEFAULTS)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.spec.clip)
        self.optimizer.step()
        self.losses[self.done] = loss.detach()
        self.done += 1

    def _batch(self, step: int) -> Batch:
        """Return the batch of a step."""
        rows = self.data.rows(step, self.spec.batch)
        if self.spec.objective == "next_token":
            return next_tokens(rows)
        mask = self.data.tokenizer.number(MASK)
        assert mask is not None
        return masked_tokens(rows, mask, self.spec.masked, self.spec.seed + step)

    def _optimizer(self) -> torch.optim.AdamW:
        """Return AdamW (Loshchilov and Hutter, 2019); without weight decay for scales and shifts."""
        matrices = [each for each in self.model.parameters() if each.ndim > 1]
        others = [each for each in self.model.parameters() if each.ndim < 2]
        groups = [{"params": matrices, "weight_decay": self.spec.weight_decay}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=self.spec.learning_rate, betas=_BETAS, fused=self.device == "cuda")

    def _last_loss(self) -> float:
        """Return the loss of the last step; raise `ProblemsFound` if it is not finite."""
        loss = float(self.losses[self.done - 1])
        if loss != loss or loss == float("inf"):
            hint = "try a smaller learning_rate, or a longer warmup"
            raise ProblemsFound(Problem(f"the loss is not a number after {self.done} steps", self.file.path, hint=hint))
        return loss

    def _save(self, out: Path) -> None:
        """Save the parameters after the steps done so far, if they are to be kept, and a checkpoint if it is time."""
        if self.spec.keeps(self.done):
            with replacing(step_file(out, self.done)) as part:
                save_parameters(self.model, part)
        if self.done % self.spec.save_every and self.done < self.spec.steps:
            return
        state = self._state()
        about = {"identity": self.identity, "done": self.done, CHECKSUMS: checksum_of(state, self.done)}
        with replacing(out / CHECKPOINT) as part:
            part.write_bytes(save(state, {"training": json.dumps(about)}))

    def _state(self) -> dict[str, Tensor]:
        """Return everything that changes from step to step: parameters, optimiser state, losses."""
        state = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for name, parameter in self.model.named_parameters():
            kept = self.optimizer.state.get(parameter) or _beginning(parameter, self.device)
            state |= {f"{key}.{name}": tensor for key, tensor in kept.items()}
        return state | {"losses": self.losses}

    def _restore(self, tensors: dict[str, Tensor]) -> None:
        """Load what `_state` returned."""
        self.model.load_state_dict({name: tensors[f"model.{name}"] for name in self.model.state_dict()})
        for name, parameter in self.model.named_parameters():
            kept = self.optimizer.state[parameter] = _beginning(parameter, self.device)
            kept |= {key: tensors[f"{key}.{name}"] for key in kept}
        self.losses = tensors["losses"]


def identity_of(file: TrainingFile) -> str:
    """Return a SHA-256 of everything that determines the course of a training."""
    unset = {"keep"} if file.spec.keep is None else None  # there was no such setting before
    digest = hashlib.sha256(file.spec.model_dump_json(exclude=unset).encode())
    digest.update(repr(file.grammar and file.grammar.rules).encode())
    digest.update(file.text.read_bytes() if file.text else b"")
    return digest.hexdigest()


def checksum_of(state: Mapping[str, Tensor], done: int) -> str:
    """Return a SHA-256 of a checkpoint: of every tensor, and of how many steps were done."""
    digest = hashlib.sha256(str(done).encode())
    for name, tensor in sorted(state.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


def loss_of(model: Transformer, batch: Batch, options: ForwardOptions = DEFAULTS) -> Tensor:
    """Return the mean cross-entropy of the targets, in nats per token."""
    logits = model(batch.inputs, lengths=batch.lengths, options=options)
    return F.cross_entropy(logits.flatten(0, 1).float(), batch.targets.flatten(), ignore_index=IGNORED)


def _beginning(parameter: Tensor, device: str) -> dict[str, Tensor]:
    """Return AdamW's state of a parameter before the first step."""
    step = torch.tensor(0.0, device=device if device == "cuda" else "cpu")
    return {"step": step, "exp_avg": torch.zeros_like(parameter), "exp_avg_sq": torch.zeros_like(parameter)}
