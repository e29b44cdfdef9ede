"""The benchmark of models, on a tiny one: all is measured, and every contender computes what the plain model computes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.test_bench import tabled

ROOT = Path(__file__).parent.parent


def bench(*options: str) -> Result:
    """Run the benchmark in this process, which has imported torch already; each contender is one of its own."""
    from bench.model import main

    fixed = ("--quick", "--device", "cpu", "--threads", "1")
    return CliRunner().invoke(main, [*fixed, *options], catch_exceptions=False)


def test_a_wrong_option_is_refused() -> None:
    """As a person is: by a process that is started from nothing."""
    command = [sys.executable, "-P", "-m", "bench.model", "--shape", "huge"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: scripts/bench_model [OPTIONS]")
    assert "'huge' is not one of 'tiny', 'small', 'gpt2'" in done.stderr


@pytest.mark.slow
def test_forward_passes_are_measured_and_compute_the_same(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho 'ModuleNotFoundError: No module named x' >&2\nexit 1\n")
    bare.chmod(0o755)
    done = bench("--no-training", "--lens", str(bare))
    assert done.exit_code == 0, done.stderr
    rows = tabled(done.stdout)
    names = [name for name in rows if name]
    assert names[:4] == ["plain", "plain, torch's fused attention", "traced", "traced, as labelled datasets"]
    assert rows["TransformerLens, run_with_cache"][0] == "not installed: pip install transformer-lens"
    for name in ("traced", "traced, as labelled datasets"):
        assert rows[name][-1] == "0e+00"  # bit by bit
    with_others = [name for name in names if not rows[name][0].startswith("not installed")]
    assert ("transformers, output_attentions" in with_others) == bool(importlib.util.find_spec("transformers"))
    for name in with_others:
        assert float(rows[name][0]) > 0
        assert name == "plain" or float(rows[name][-1]) < 1e-5


@pytest.mark.slow
def test_training_is_measured() -> None:
    done = bench("--no-passes", "--clock", "cpu")
    assert done.exit_code == 0, done.stderr
    rows = tabled(done.stdout)
    assert [name for name in rows if name] == ["nanoGPT's recipe", "attnviz train"]
    for cells in (rows["nanoGPT's recipe"], rows["attnviz train"]):
        assert len(cells) == 4
        assert all(float(cell.replace(",", "")) > 0 for cell in cells)
