"""A short run of `scripts/fuzz_inputs`: nothing ends in a traceback, hangs, or is refused later than it could be."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_mutated_storyboards_and_hostile_sentences() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fuzz", "--storyboards", "60", "--sentences", "20", "--renders", "0"],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'scripts'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
    )
    *faults, head, _, check, trace, render = done.stdout.splitlines()
    assert (done.returncode, faults, done.stderr) == (0, [], "")
    assert head == "| command | ok | refused | faults |"
    counts = [[int(cell) for cell in row.split("|")[2:5]] for row in (check, trace, render)]
    assert [sum(row) for row in counts] == [60, 20, 0]
    assert counts[0][0] > 0  # some are right all the same
    assert counts[1][0] > 0


def test_a_storyboard_that_holds_itself_is_mutated_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    from fuzz.mutations import in_data

    mutated = {in_data("a: &x [b, *x]", random.Random(seed)) for seed in range(20)}
    assert len(mutated) > 5
