"""The traces of a storyboard's scenes: kept from run to run, computed when they are not there, loaded when needed."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from attnviz.input.questions import Traces
from attnviz.model.door import opened_model
from attnviz.model.interface import Device, DType, Settings
from attnviz.render.cache.sources import versions_of
from attnviz.render.cache.store import Store, canonical, digest
from attnviz.render.traces.process import Computation, Experiment, ForwardPass, Order, TraceProcess, compute

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.render.cache.sources import Sources
    from attnviz.storyboard.types import SceneSpec, Storyboard

MODEL_ROOM = ("model/door.py", "model/experiments.py")
LIBRARIES = ("torch", "tokenizers", "transformers", "gguf")  # that compute with the models' numbers
_RECORD = "traces"


@dataclass(frozen=True)
class SceneTraces:
    """What one scene can read. `key` changes with the content, which is loaded only when it is needed."""

    key: str
    load: Callable[[], Traces]


class TraceLibrary:
    """Finds traces in the store, and has the others computed by a helper process that starts at once.

    Used as a context manager, so that the helper does not outlive it. Raises `ProblemsFound` for models that cannot
    be run on the storyboard's sentences.
    """

    def __init__(
        self,
        storyboard: Storyboard,
        specs: Sequence[SceneSpec],
        store: Store,
        sources: Sources,
        device: Device = "auto",
        dtype: DType = "float64",
    ) -> None:
        self._storyboard, self._specs, self._store = storyboard, specs, store
        self._device, self._dtype = device, dtype
        self._code = canonical([sources.of_package(*MODEL_ROOM), versions_of(LIBRARIES)])
        self._digest = functools.cache(lambda name, near, steps: opened_model(name, near).digest(steps))
        self._lines = {wanted: line for spec in specs for wanted, line in self._wanted(spec)}
        self._keys = {wanted: self._key(wanted) for wanted in self._lines}
        self._addresses = {wanted: self._kept(key) for wanted, key in self._keys.items()}
        self._stack = ExitStack()
        self._helper: TraceProcess | None = None
        self._loaded: dict[str, xr.Dataset] = {}

    @property
    def missing(self) -> Order:
        """What has to be computed."""
        return self._order(wanted for wanted, address in self._addresses.items() if not address)

    def scenes(self) -> list[SceneTraces]:
        """Return what each scene can read."""
        if self.missing.wanted:
            order = self.missing
            computed = compute(order) if self._helper is None else self._helper.answer()
            for (wanted, _), dataset in zip(order.wanted, computed, strict=True):
                self._keep(wanted, dataset)
        return [self._scene(spec) for spec in self._specs]

    def kept(self, spec: SceneSpec) -> SceneTraces | None:
        """Return what a scene can read if all of it is in the store."""
        return self._scene(spec) if all(self._addresses[wanted] for wanted, _ in self._wanted(spec)) else None

    def __enter__(self) -> Self:
        if self.missing.wanted:
            self._helper = self._stack.enter_context(TraceProcess(self.missing))
        return self

    def __exit__(self, *failure: object) -> None:
        self._stack.close()

    def _order(self, wanted: Iterable[Computation]) -> Order:
        lines = tuple((each, self._lines[each]) for each in wanted)
        models = {model for each, _ in lines if isinstance(each, ForwardPass) for model in each.models}
        return Order(self._storyboard.path, lines, {model: self._digest(*model) for model in models})

    def _wanted(self, spec: SceneSpec) -> list[tuple[Computation, int]]:
        return [
            *((self._pass(spec, name), sentence_line) for name, sentence_line in _lines(spec).items()),
            *((Experiment(name), spec.line) for name in spec.experiments),
        ]

    def _pass(self, spec: SceneSpec, name: str) -> ForwardPass:
        [sentence] = [each for each in spec.sentences if each.name == name]
        near = self._storyboard.path.parent
        settings = Settings(self._device, self._dtype, spec.carry, self._storyboard.decimals)
        return ForwardPass(spec.model, near, sentence.text, sentence.words, settings, spec.view)

    def _key(self, wanted: Computation) -> str:
        """Return the key of a computation: everything that its result follows from."""
        if isinstance(wanted, Experiment):
            return digest("experiment", wanted.name, self._code)
        facts = [wanted.text, wanted.words, *wanted.settings]
        of_model = [self._digest(*model) for model in wanted.models]
        return digest(of_model, facts, astuple(wanted.view), self._code)

    def _kept(self, key: str) -> str | None:
        record = self._store.read(_RECORD, key)
        return record["object"] if record and self._store.holds(record["object"]) else None

    def _keep(self, wanted: Computation, dataset: xr.Dataset) -> None:
        data = to_bytes(dataset)
        address = self._store.put(data)
        self._store.write(_RECORD, self._keys[wanted], {"object": address})
        self._addresses[wanted] = address
        self._loaded[address] = from_bytes(data)  # what later runs will load, to the last bit

    def _scene(self, spec: SceneSpec) -> SceneTraces:
        passes = {name: str(self._addresses[self._pass(spec, name)]) for name in _lines(spec)}
        measured = [str(self._addresses[Experiment(name)]) for name in spec.experiments]
        load = functools.cache(lambda: self._load(passes, measured))
        shown = self._storyboard.decimals, self._storyboard.convention
        return SceneTraces(digest(list(passes.items()), measured, *shown), load)

    def _load(self, passes: Mapping[str, str], measured: Sequence[str]) -> Traces:
        import xarray as xr

        convention = self._storyboard.convention  # told with the numbers, so that only what asks for it follows from it
        traces = {name: self._dataset(each).assign_attrs(convention=convention) for name, each in passes.items()}
        if not measured:
            return traces
        experiments = xr.merge(map(self._dataset, measured), combine_attrs="drop_conflicts")
        if not traces:
            return {"": experiments.assign_attrs(decimals=self._storyboard.decimals)}
        return {name: xr.merge([trace, experiments], combine_attrs="override") for name, trace in traces.items()}

    def _dataset(self, address: str) -> xr.Dataset:
        if address not in self._loaded:
            data = self._store.get(address)
            self._loaded[address] = self._again(address) if data is None else from_bytes(data)
        return self._loaded[address]

    def _again(self, address: str) -> xr.Dataset:
        """Compute again what was in the store when this run began and has been pruned since."""
        wanted = next(wanted for wanted, known in self._addresses.items() if known == address)
        with TraceProcess(self._order([wanted])) as helper:
            [dataset] = helper.answer()
        self._keep(wanted, dataset)
        return self._loaded[str(self._addresses[wanted])]


def _lines(spec: SceneSpec) -> dict[str, int]:
    return {sentence.name: sentence.line for sentence in spec.sentences}


def to_bytes(dataset: xr.Dataset) -> bytes:
    """Return a trace as the bytes of an .npz file: its arrays, and their names and attributes as JSON."""
    names = [str(name) for name in dataset.variables]
    layout = {
        "variables": {name: [str(dim) for dim in dataset.variables[name].dims] for name in names},
        "coords": [str(name) for name in dataset.coords],
        "attrs": dataset.attrs,
        "of_arrays": {name: dataset.variables[name].attrs for name in names},
    }
    arrays = {f"v{number}": _without_objects(dataset.variables[name].values) for number, name in enumerate(names)}
    file = io.BytesIO()
    np.savez(file, layout=np.array(json.dumps(layout)), **arrays, allow_pickle=False)
    return file.getvalue()


def _without_objects(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return labels that numpy holds as Python objects as plain text."""
    return values.astype(str) if values.dtype.hasobject else values


def from_bytes(data: bytes) -> xr.Dataset:
    """Return the trace that `to_bytes` wrote."""
    import xarray as xr

    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        layout = json.loads(str(file["layout"]))
        attrs = layout["of_arrays"]
        variables = {
            name: (dims, file[f"v{number}"], attrs[name])
            for number, (name, dims) in enumerate(layout["variables"].items())
        }
    coords = {name: variables.pop(name) for name in layout["coords"]}
    return xr.Dataset(variables, coords, layout["attrs"])
