"""What differs between two sides of a comparison beside the stacks: hosts, kernels, versions, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tripod.catalogue import typed
from tripod.catalogue.legs import LEGS
from tripod.report.sides import Side
from tripod.runs.formats.published import Published
from tripod.runs.results import Run

UNKNOWN = "unknown"

_PARAMETER = "parameter "
_DEFAULT = "default"
_NOT_ASKED = {_DEFAULT, "false"}
# Of a run: its name and the order of its trials always differ, and say nothing.
_ALWAYS = {"run_id", "seed", "resume", "add_repeats"}
_OF_A_HOST = {
    "system": "system",
    "kernel": "kernel",
    "architecture": "architecture",
    "cpu_model": "processor",
    "cpus": "cores",
    "memory_bytes": "memory",
    "virtualisation": "virtualisation",
    "python": "Python",
}


def differences(a: Side, b: Side, cells: Sequence[str]) -> list[dict[str, str]]:
    """Return what differs, as `tripod.runs.formats.comparison.Difference` declares it.

    Args:
        a: one side.
        b: the other.
        cells: keys of the cells that are compared.

    """
    of_runs = _differing(*(_merged([_facts(run) for run in found.runs]) for found in (a, b)))
    of_hosts = _differing(*(_merged([dict(_of_hosts(run)) for run in found.runs]) for found in (a, b)))
    packages = [_merged([_packages(run) for run in found.runs]) for found in (a, b)]
    both = [{name: one[name] for name in one if all(name in other for other in packages)} for one in packages]
    told = [*of_runs, *_of_several_legs(of_hosts), *_differing(*both)]
    for key in cells:
        mine, its = a.cells[key], b.cells[key]
        told += [
            {"what": f"{what} of {mine.name}", "a": mine.planned[what], "b": its.planned[what]}
            for what in ("command", "mode")
            if mine.planned[what] != its.planned[what]
        ]
    for what, unit in (("duration_s", "length of a trial"), ("warmup_s", "warm-up")):
        lengths = [" / ".join(_lengths(found, cells, what)) for found in (a, b)]
        if lengths[0] != lengths[1]:
            told.append({"what": unit, "a": lengths[0], "b": lengths[1]})
    return told


def from_published(text: Published, ours: Side) -> list[dict[str, str]]:
    """Return what a text tells of how it was measured, beside ours; A is the text."""
    facts = _merged([_facts(run) | dict(_of_hosts(run)) for run in ours.runs])
    told = {
        "machine": (
            described(text),
            f"{facts['app: processor']}, cores: {facts['app: cores']}, memory: {facts['app: memory']}",
        ),
        "system": (text.machine.system or "not told", facts.get("app: system", UNKNOWN)),
        "date": (text.date, facts["date"]),
        "separation": (text.separation, facts["separation"]),
        "load generator": (text.tools.get("load", "not told"), facts.get("k6", UNKNOWN)),
        "Python": (text.tools.get("python", "not told"), facts.get("app: Python", UNKNOWN)),
        "server": (text.tools.get("server", "not told"), "as the command says"),
        "database": (text.tools.get("database", "not told"), facts.get("database", "the fake one")),
    }
    return [{"what": what, "a": a, "b": b} for what, (a, b) in told.items() if a != b]


def described(text: Published) -> str:
    """Return what a text says of its machine."""
    cores = f"{text.machine.cores} cores" if text.machine.cores else None
    return ", ".join(filter(None, [text.machine.text, cores, text.machine.memory]))


def _lengths(found: Side, cells: Sequence[str], what: str) -> list[str]:
    return sorted({f"{cell.planned['load'][what]:g} s" for key in cells for cell in found.cells[key].known})


def _merged(facts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the facts of several runs, each with all its values."""
    names = dict.fromkeys(name for one in facts for name in one)
    return {name: " / ".join(dict.fromkeys(one[name] for one in facts if name in one)) for name in names}


def _differing(a: Mapping[str, str], b: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"what": name, "a": a.get(name, UNKNOWN), "b": b.get(name, UNKNOWN)}
        for name in dict.fromkeys([*a, *b])
        if name != "date" and a.get(name) != b.get(name) and not _is_new(name, a, b)
    ]


def _is_new(name: str, a: Mapping[str, str], b: Mapping[str, str]) -> bool:
    """Whether one side is from before there was a parameter that the other side did not ask for."""
    both = {found.get(name, UNKNOWN) for found in (a, b)}
    return name.startswith(_PARAMETER) and UNKNOWN in both and bool(both & _NOT_ASKED)


def _of_several_legs(differing: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return one line for what differs alike on several legs."""
    legs: dict[tuple[str, str, str], list[str]] = {}
    for found in differing:
        leg, _, what = found["what"].partition(": ")
        legs.setdefault((what, found["a"], found["b"]), []).append(leg)
    return [
        {"what": f"{what} ({', '.join(having)})", "a": a, "b": b} for (what, a, b), having in legs.items()
    ]


def _facts(run: Run) -> dict[str, str]:
    """Return name → value of all that is known of how a run was made."""
    plan = run.plan
    facts = {
        "date": str(plan["created_at"])[:10],
        "separation": (run.hosts or {}).get("separation") or UNKNOWN,
        "matrix": plan["matrix"]["name"],
        "commit": _commit(plan["git"]),
        **{
            f"{_PARAMETER}{name}": _DEFAULT if value is None else typed.value(name, value)
            for name, value in plan["parameters"].items()
            if name not in _ALWAYS and name != "matrix"
        },
    }
    versions = sorted(
        {k6["version"] for trial in run.trials if trial.record for k6 in trial.record["k6"]} - {None}
    )
    facts["k6"] = ", ".join(version.split(" (")[0] for version in versions) or UNKNOWN
    databases = {
        f"{found['kind']} {found['version']}"
        for trial in run.trials
        if trial.record and (found := trial.record.get("database"))
    }
    if databases:
        facts["database"] = ", ".join(sorted(databases))
    return facts


def _packages(run: Run) -> dict[str, str]:
    """Return the version of each package of any host: an environment has the same everywhere."""
    hosts = list(run.hosts["hosts"].values()) if run.hosts else []
    names = sorted({name for host in hosts for name in host["packages"]})
    return {
        name: _of_all(host["packages"][name] for host in hosts if name in host["packages"]) for name in names
    }


def _of_hosts(run: Run) -> Iterator[tuple[str, str]]:
    """Give the facts of the hosts of each leg, by `leg: what`."""
    known = run.hosts["hosts"] if run.hosts else {}
    for leg in LEGS:
        names = run.plan["legs"][leg]
        hosts = [known[name] for name in names if name in known]
        yield f"{leg}: host", ", ".join(names)
        for key, name in _OF_A_HOST.items():
            values = [host.get(key) for host in hosts]
            if key == "memory_bytes":
                values = [value and f"{value / 2**30:.1f} GiB" for value in values]
            yield f"{leg}: {name}", _of_all(values)
        for name in dict.fromkeys(name for host in hosts for name in host["limits"]):
            yield f"{leg}: {name}", _of_all(host["limits"].get(name) for host in hosts)
        settings = [host["database"]["settings"] for host in hosts if host.get("database")]
        for name in dict.fromkeys(name for found in settings for name in found):
            yield f"{leg}: {name}", _of_all(found.get(name) for found in settings)


def _of_all(values: Iterable[Any]) -> str:
    return ", ".join(dict.fromkeys(_text(value) for value in values)) or UNKNOWN


def _commit(git: Mapping[str, Any]) -> str:
    return (git["commit"] or UNKNOWN)[:10] + (" (dirty)" if git["dirty"] else "")


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
