"""What a finished training leaves in its folder: the model, its tokenizer, what it has learnt, how the loss fell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.input.whole_files import replacing_all
from attnviz.model.trained.folder import config_text, save_parameters
from attnviz.model.training.evaluation import measure
from attnviz.model.training.folder import CHECKPOINT, FILES, asked
from attnviz.model.training.loss_curve import draw_curve, write_table

if TYPE_CHECKING:
    from attnviz.model.training.loop import Training


def finish(training: Training, out: Path) -> dict[str, Any]:
    """Measure a model whose training is done, write everything, and return the report."""
    model = training.model.cpu()
    report = measure(model, training.data, training.file)
    spec, losses = training.spec, training.losses.tolist()
    with replacing_all([out / name for name in FILES]) as parts:
        config, tokenizer, written, table, curve, copy, parameters = parts
        config.write_text(config_text(model.config), encoding="utf-8")
        training.data.tokenizer.inner.save(str(tokenizer))
        written.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write_table(table, losses, [spec.rate(step) for step in range(spec.steps)])
        _draw(curve, losses, report)
        copy.write_text(asked(training.file), encoding="utf-8")
        save_parameters(model, parameters)
    (out / CHECKPOINT).unlink(missing_ok=True)
    return report


def _draw(path: Path, losses: Sequence[float], report: dict[str, Any]) -> None:
    """Draw the loss, with what the grammar allows."""
    best, label = None, ""
    task = "the next word" if report["objective"] == "next_token" else "masked words"
    if "drawn" in report:
        best = report.get("limits", report["drawn"]["best_possible"])["nats"]
        one = "" if report["objective"] == "next_token" else ", one word masked"
        label = f"the best possible{one}: {best:.3f}"
    draw_curve(path, losses, f"{report['title'] or report['learnt_from']}: {task}", best, label)
