"""hosts.json: what was observed of the hosts and between them; written by measure, before the first trial."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from tripod.runs.formats.declaration import Count, Leg, Measure, Number, Whole, key

Separation = Literal["one-host", "shared-kernel", "separate-kernels"]
Port = Annotated[int, Meta(ge=0, le=65535)]


class DatabaseServer(Struct, kw_only=True):
    """The database server as deploy made it."""

    version: Annotated[str, key("the server's")]
    settings: Annotated[dict[str, str], key("those that are not the server's defaults")]


class Readiness(Struct, kw_only=True):
    """One point of a host's readiness to give the same measurement twice."""

    what: Annotated[str, key("what was looked at")]
    state: Annotated[Literal["ready", "not ready", "not known"], key("`not known`: the system does not tell")]
    found: Annotated[str, key("what is there, or why nobody knows")]
    remedy: Annotated[str | None, key("what makes it ready; null where it is, or where nothing helps")]


class ObservedHost(Struct, kw_only=True):
    """A host as it was before the first trial."""

    legs: Annotated[Annotated[list[Leg], Meta(min_length=1)], key("which it is")]
    address: Annotated[str, key("where load and database traffic goes")]
    system: Annotated[str, key("distribution and version")]
    kernel: Annotated[str, key("its release")]
    architecture: Annotated[str, key("of the machine")]
    cpu_model: Annotated[str | None, key("as the processor names itself")]
    cpus: Annotated[Whole, key("that the host may use")]
    memory_bytes: Annotated[Count | None, key("in all", "bytes")]
    virtualisation: Annotated[str | None, key("container or VM")]
    python: Annotated[str, key("version")]
    packages: Annotated[dict[str, str], key("version of each package that was installed")]
    limits: Annotated[dict[str, Any], key("kernel limits as read back")]
    database: Annotated[
        DatabaseServer | UnsetType | None,
        key("null on hosts without one and for `fakedb`; later than the rest"),
    ] = UNSET
    readiness: Annotated[
        list[Readiness] | UnsetType,
        key("what decides whether two measurements there agree; earlier runs lack it"),
    ] = UNSET


class RoundTrip(Struct, kw_only=True):
    """How long a TCP round trip takes."""

    min: Annotated[Measure, key("shortest", "ms")]
    med: Annotated[Measure, key("median", "ms")]


class Clock(Struct, kw_only=True):
    """How far a host's wall clock is ahead of another's."""

    offset_s: Annotated[Number, key("how far", "s")]
    error_s: Annotated[Measure, key("by how much that may be wrong", "s")]


class ObservedPair(Struct, kw_only=True):
    """Two legs, of which one calls the other."""

    from_: Annotated[Leg, key("the leg that calls")] = field(name="from")
    to: Annotated[Leg, key("the leg that is called")]
    from_host: Annotated[str, key("host of the leg that calls")]
    to_host: Annotated[str, key("host of the leg that is called")]
    address: Annotated[str, key("where it was called")]
    port: Annotated[Port, key("where it was called")]
    round_trip_ms: Annotated[RoundTrip, key("TCP round trip, which every latency contains")]
    clock: Annotated[
        Clock | UnsetType,
        key("how far the wall clock of the host that is called is ahead; earlier runs lack it"),
    ] = UNSET


class ObservedSeparation(Struct, kw_only=True):
    """How far two hosts of different legs stand apart."""

    legs: Annotated[list[Leg], key("the two legs")]
    hosts: Annotated[list[str], key("the host of each")]
    separation: Annotated[Separation, key("how far they stand apart; what is not proved counts as shared")]


class HostsOfAnyFormat(Struct, kw_only=True):
    """What all format versions of hosts.json have in common."""

    hosts: Annotated[Annotated[dict[str, ObservedHost], Meta(min_length=1)], key("by name")]


class Hosts(HostsOfAnyFormat, kw_only=True):
    """What was observed of the hosts and between them; written by measure, before the first trial."""

    format: Annotated[Literal[2], key("format version")]
    pairs: Annotated[list[ObservedPair], key("load to app, and app to db")]
    separations: Annotated[list[ObservedSeparation], key("of every two legs")]
    separation: Annotated[
        Separation | None,
        key("of the two that stand least apart; null in an earlier run that did not compare all"),
    ]
