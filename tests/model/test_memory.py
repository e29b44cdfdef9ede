"""Freed memory that is kept: fewer pages are asked for, and no number changes. In a process of its own, as programs do."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PASSES = """
import resource, sys
import torch
from attnviz.model.malloc import give_back_freed_memory, keep_freed_memory
from attnviz.model.recording import ForwardOptions, Recording
from attnviz.model.transformer import Transformer
from attnviz.model.transformer_config import TransformerConfig

torch.set_num_threads(1)
if sys.argv[1] == "kept":
    assert keep_freed_memory()
torch.manual_seed(0)
model = Transformer(TransformerConfig(architecture="decoder", vocabulary=9, context=64, layers=2, d_model=64, heads=4))
tokens = torch.arange(64 * 64).reshape(64, 64) % 9

def recorded():
    with torch.no_grad():
        return model(tokens, options=ForwardOptions(Recording())).double().sum().item()

outputs = {recorded() for _ in range(3)}
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
outputs |= {recorded() for _ in range(3)}
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults, *outputs)
give_back_freed_memory()
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
recorded()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults)
"""


def passes(how: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PASSES, how], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's settings")
def test_freed_memory_is_kept_and_changes_no_number() -> None:
    faults, output, faults_after_giving_back = passes("kept")
    assert passes("default")[1] == output
    assert 8 * int(faults) < int(faults_after_giving_back)  # of three passes, and of one
