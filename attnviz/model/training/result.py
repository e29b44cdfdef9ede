"""What a finished training leaves in its folder: the model, its tokenizer, what it has learnt, how the loss fell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.input.whole_files import replacing_all
from attnviz.model.trained.checksums import CHECKSUMS, checksums_of
from attnviz.model.trained.course import TABLE
from attnviz.model.trained.folder import CONFIG, MODEL, REPORT, TOKENIZER, config_text, save_parameters
from attnviz.model.trained.report import floor_of
from attnviz.model.training.evaluation import measure
from attnviz.model.training.folder import CHECKPOINT, FILES, PICTURE, TRAINING, asked
from attnviz.model.training.loss_curve import can_draw, draw_curve, write_table

if TYPE_CHECKING:
    from attnviz.model.training.loop import Training


def finish(training: Training, out: Path) -> dict[str, Any]:
    """Measure a model whose training is done, write everything, and return the report.

    Without matplotlib the picture of the losses is left out.
    """
    model = training.model.cpu()
    report = measure(model, training.data, training.file)
    spec, losses = training.spec, training.losses.tolist()
    names = [name for name in FILES if name != PICTURE or can_draw()]
    with replacing_all([out / name for name in names]) as paths:
        parts = dict(zip(names, paths, strict=True))
        parts[CONFIG].write_text(config_text(model.config), encoding="utf-8")
        training.data.tokenizer.inner.save(str(parts[TOKENIZER]))
        write_table(parts[TABLE], losses, [spec.rate(step) for step in range(spec.steps)])
        if PICTURE in parts:
            _draw(parts[PICTURE], losses, report)
        parts[TRAINING].write_text(asked(training.file), encoding="utf-8")
        save_parameters(model, parts[MODEL])
        report |= {CHECKSUMS: checksums_of({name: parts[name] for name in (CONFIG, TOKENIZER, MODEL)})}
        parts[REPORT].write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / CHECKPOINT).unlink(missing_ok=True)
    return report


def _draw(path: Path, losses: Sequence[float], report: dict[str, Any]) -> None:
    """Draw the loss, with what the grammar allows."""
    task = "the next word" if report["objective"] == "next_token" else "masked words"
    floor = floor_of(report)
    label = f"{floor.name}: {floor.nats:.3f}" if floor else ""
    draw_curve(path, losses, f"{report['title'] or report['learnt_from']}: {task}", floor and floor.nats, label)
