"""One contender in a process of its own: for each line that it reads it runs one pass, and says how long that took.

usage: python -m bench.model_contender WHAT TASK     (a name in `CONTENDERS`, and a `Task` in JSON)
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from attnviz.model.malloc import give_back_freed_memory, keep_freed_memory
from attnviz.model.recording import ForwardOptions, Recording
from attnviz.model.transformer_trace import trace_texts
from bench.model_shapes import SHAPES, Shape, Task, our_model, random_tokens

if TYPE_CHECKING:
    from torch import Tensor

LONG = 5.0  # seconds; what a pass that takes longer waits for its memory is little beside it
Work = Callable[[], Any]  # one pass; returns its logits for comparison, and what else is kept until it has ended


def _ours(shape: Shape, tokens: Tensor, new_pass: Callable[[], ForwardOptions]) -> Work:
    model = our_model(shape).eval().to(tokens.device)

    def work() -> Any:
        options = new_pass()
        return model(tokens, options=options), options

    return work


def _datasets(shape: Shape, tokens: Tensor) -> Work:
    model, texts = our_model(shape).eval().to(tokens.device), tokens.tolist()

    def work() -> Any:
        traces = trace_texts(model, texts)
        return torch.tensor(traces[0]["logits"].values[None]), traces

    return work


def _transformers(shape: Shape, tokens: Tensor) -> Work:
    from bench.model_others import transformers_gpt2

    model = transformers_gpt2(shape).to(tokens.device)

    def work() -> Any:
        output = model(tokens, output_attentions=True, use_cache=False)
        return output.logits, output

    return work


def _lens(shape: Shape, tokens: Tensor) -> Work:
    import transformer_lens

    from bench.model_others import bridge, hooked_transformer

    old = int(getattr(transformer_lens, "__version__", _version("transformer-lens")).split(".")[0]) < 4
    model = hooked_transformer(shape).to(tokens.device) if old else bridge(shape).to(tokens.device)
    return lambda: model.run_with_cache(tokens)


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def _training(shape: Shape, tokens: Tensor, *, ours: bool) -> Work:
    from bench.model_training import our_step, recipe_step

    step = our_step(shape, tokens) if ours else recipe_step(shape, tokens)
    return lambda: (None, step())


CONTENDERS: dict[str, Callable[[Shape, Any], Work]] = {
    "plain": lambda shape, tokens: _ours(shape, tokens, ForwardOptions),
    "fused": lambda shape, tokens: _ours(shape, tokens, lambda: ForwardOptions(fused=True)),
    "traced": lambda shape, tokens: _ours(shape, tokens, lambda: ForwardOptions(Recording())),
    "datasets": _datasets,
    "transformers": _transformers,
    "lens": _lens,
    "train": lambda shape, tokens: _training(shape, tokens, ours=True),
    "train-recipe": lambda shape, tokens: _training(shape, tokens, ours=False),
}


def main(what: str, task: Task) -> None:
    """Run passes as asked for on standard input; say in JSON, line by line, what was measured."""
    _limit_memory()
    torch.set_num_threads(task.threads)
    shape = SHAPES[task.shape]
    tokens = random_tokens(shape, task.batch).to(task.device)
    work = CONTENDERS[what](shape, tokens)
    if task.kept:
        keep_freed_memory()
    give_back_freed_memory()
    before = _memory_now(task.device)
    with torch.set_grad_enabled(what.startswith("train")):
        start = time.perf_counter()
        logits = work()[0]  # for comparison, of the last place of the first text
        long = time.perf_counter() - start > LONG
        _say(logits=None if logits is None else logits[0, -1, :100].tolist())
        del logits
        give_back_freed_memory()  # other contenders may need it before it is our turn
        for _ in sys.stdin:
            _say(seconds=_turn(work, task, long), memory=_most_memory(task.device) - before)
            give_back_freed_memory()


def _turn(work: Work, task: Task, long: bool) -> float:
    """Return the seconds that a pass takes; the first, for which memory is asked for, is not counted unless long."""
    clock = time.process_time if task.clock == "cpu" else time.perf_counter
    seconds, passes = 0.0, 0
    if not long:
        work()
    while not passes or seconds < task.turn:
        _finish(task.device)
        start = clock()
        kept = work()
        _finish(task.device)
        seconds += clock() - start
        passes += 1
        del kept
    return seconds / passes


def _finish(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _memory_now(device: str) -> int:
    """Return how many bytes are used, and from now on note the most that were."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    Path("/proc/self/clear_refs").write_text("5")  # see proc(5): forgets VmHWM
    return _status("VmRSS")


def _most_memory(device: str) -> int:
    return torch.cuda.max_memory_allocated() if device == "cuda" else _status("VmHWM")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


def _limit_memory() -> None:
    """Have torch say that memory is short before the system ends some process for it."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) * 1024
            resource.setrlimit(resource.RLIMIT_DATA, (available * 9 // 10, resource.RLIM_INFINITY))


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Task(**json.loads(sys.argv[2])))
