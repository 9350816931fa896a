"""The named loads of a matrix: what k6 may offer its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tripod.catalogue.shapes import CLOSED, OWN_KEYS, SHAPES
from tripod.inputs import mappings, values
from tripod.inputs.errors import found
from tripod.inputs.parameters import PARAMETERS

_EVERY: dict[str, Callable[[object], Any]] = {
    "duration": PARAMETERS["duration"].parse,
    "warmup": PARAMETERS["warmup"].parse,
}
_OPTIONAL: dict[str, Callable[[object], Any]] = {
    "pause": values.duration(0.001, 3_600, or_zero=True),
    "route": PARAMETERS["route"].parse,
    "keepalive": PARAMETERS["keepalive"].parse,
}
_SHAPED: dict[str, Callable[[object], Any]] = {key: PARAMETERS[key].parse for key in OWN_KEYS}


@dataclass(frozen=True)
class Load:
    """A load as the matrix has it.

    Attributes:
        name: unique in its matrix.
        script: the k6 workload.
        shape: a name in `tripod.catalogue.shapes`.
        vus: virtual users; of a capacity load those that saturate; None where they follow from the rate.
        rate: requests per second; None of a closed load, and of a capacity one, which looks for it.
        slo_ms: what a request may take from when it is due; None likewise.
        pause_s: in an iteration; None: as the workload has it.
        route: the only one that is asked for; None: the workload's own iteration.
        keepalive: whether a user sends its next request over the same connection.
        duration_s: length of a measurement.
        warmup_s: length of the warm-up before it; 0 leaves it out.

    """

    name: str
    script: str
    shape: str
    vus: int | None
    rate: int | None
    slo_ms: int | None
    pause_s: float | None
    route: str | None
    keepalive: bool
    duration_s: float
    warmup_s: float

    @property
    def model(self) -> str:
        """`closed` or `open`."""
        return SHAPES[self.shape].model


def parse(content: Mapping[str, Any], workloads: list[str], where: str, problems: list[str]) -> list[Load]:
    """Return the loads of a matrix, the one that a run takes by itself first.

    A matrix has `loads`, by name; or, as all once had, one `load`, which is named like its script.

    Args:
        content: the matrix.
        workloads: k6's.
        where: the matrix is.
        problems: whatever is wrong is added to these.

    """
    if "loads" not in content:
        load = content.get("load")
        named = load.get("script") if isinstance(load, dict) else None
        parsed = [_load(str(named), load, workloads, f"{where}: load", problems)]
    elif "load" in content:
        problems.append(f"{where}: has load beside loads; allowed: either of the two")
        return []
    else:
        loads = content["loads"]
        if not isinstance(loads, dict) or not loads:
            allowed = "loads by name, such as {saturate: {script: poc, vus: 64, duration: 10s, warmup: 3s}}"
            problems.append(f"{where}: loads is {found(loads)}; allowed: {allowed}")
            return []
        parsed = [
            _load(_name(name, where, problems), load, workloads, f"{where}: loads.{name}", problems)
            for name, load in loads.items()
        ]
    return [load for load in parsed if load]


def _name(name: object, where: str, problems: list[str]) -> str:
    try:
        return values.name(name)
    except ValueError as error:
        problems.append(f"{where}: loads has the name {found(name)}; allowed: {error}")
        return str(name)


def _load(name: str, raw: object, workloads: list[str], where: str, problems: list[str]) -> Load | None:
    keys = ("script", "shape", *_SHAPED, *_OPTIONAL, *_EVERY)
    if not isinstance(raw, dict):
        problems.append(f"{where} is {found(raw)}; allowed: a mapping with {', '.join(keys)}")
        return None
    mappings.check_keys(raw, keys, where, problems)
    shape = raw.get("shape", CLOSED)
    needed = SHAPES[shape].needs if isinstance(shape, str) and shape in SHAPES else ()
    problems.extend(
        f"{where}: {key} is {found(raw[key])}, but shape is {shape!r}; allowed: {key} with shape "
        f"{' or '.join(other for other, facts in SHAPES.items() if key in facts.needs)} only"
        for key in OWN_KEYS
        if needed and key in raw and key not in needed
    )
    parsers = {"script": values.choice(*workloads), "shape": values.choice(*SHAPES)}
    parsers |= {key: _SHAPED[key] for key in needed} | _EVERY | _OPTIONAL
    before = len(problems)
    parsed = mappings.parse_keys(raw, parsers, where, problems, ("shape", *_OPTIONAL))
    if len(problems) > before:
        return None
    return Load(
        name=name,
        script=parsed["script"],
        shape=shape,
        **{key: parsed.get(key) for key in OWN_KEYS},
        pause_s=parsed["pause"],
        route=parsed["route"],
        keepalive=parsed["keepalive"] is not False,
        duration_s=parsed["duration"],
        warmup_s=parsed["warmup"],
    )
