"""What stands above and below the table, in the terminal and in Markdown: one text for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from tripod.catalogue import databases, typed
from tripod.catalogue.legs import LEGS
from tripod.catalogue.words import count
from tripod.report import disturbed
from tripod.report.columns import (
    NOT_TOLD,
    Row,
    counts_no_statements,
    load_text,
    significant,
    split_constant,
    untold,
)
from tripod.report.contrasts import in_words
from tripod.report.folded import labelled
from tripod.report.order import MOST_TRIALS, group_of, keeps_its_level
from tripod.runs.explain import listed
from tripod.verdicts import registry
from tripod.verdicts.failures import LOST, NOT_RUN

_SEPARATIONS = {
    "one-host": "one-host: {legs} on one machine, where they compete for the same cores",
    "shared-kernel": "shared-kernel: {legs} are hosts on one machine: they share kernel, memory and caches",
    "separate-kernels": "separate-kernels: no two legs share a kernel (but VMs may share hardware)",
    None: "unknown: there is no usable hosts.json, or it is of a version that did not compare all legs",
}
_UNCOUNTED = (
    "this PostgreSQL counts no statements: it lacks pg_stat_statements, which distributions' packages have, "
    "and the wheel that serves on localhost has not"
)
_UNTOLD = (
    "a host or the database did not tell: its system does not count it, or telemetry was lost "
    "(record.json says why: lost)"
)
_LAG_UNKNOWN = (
    "missed: at least so much where iterations were dropped, since how late those after the first of them "
    "began is not known"
)
_OUTCOMES = {
    "completed": "completed",
    "interrupted": "interrupted before its end",
    "failed": "failed before its end",
    "unknown": "still running, or its end was lost (no usable end.json)",
}


def title(table: Mapping[str, Any]) -> str:
    """Return the first line."""
    return f"Tripod run {table['run_id']}"


def facts(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the lines above the table, as label and text."""
    rows = table["rows"]
    hosts = [_host(host) for host in table["hosts"]]
    planned = (count(table[f"{name}s"], name) for name in ("cell", "trial"))
    lines = [
        (
            "matrix",
            ", ".join([table["matrix"], *planned]) + _chosen(table),
        ),
        ("outcome", _outcome(table)),
        *labelled("disturbed", [text] if (text := disturbed.sentence(rows)) else []),
        *labelled("hosts", hosts),
        *labelled("caveats", table["caveats"]),
        ("separation", _separation(table)),
        ("round trips", ", ".join(_pairs(table["pairs"])) or "unknown"),
        ("made with", _provenance(table)),
    ]
    if table["harness_seconds_per_trial"] is not None:
        spent = f"{table['harness_seconds_per_trial']:.1f} s per trial beside warm-up and measurement"
        lines.append(("harness", spent))
    if table["telemetry"]:
        lines.append(("telemetry", ", ".join(_sampler(sampler) for sampler in table["telemetry"])))
    _, constant = split_constant(rows)
    if constant:
        same = (f"{column.name} {text}{_unit(column.unit, text)}" for column, text in constant)
        lines.append(("every row", ", ".join(same)))
    return lines


def _chosen(table: Mapping[str, Any]) -> str:
    """Return how many of the rows are shown, where some were chosen."""
    shown = len(table["rows"])
    return f"; {shown} of the rows {'is' if shown == 1 else 'are'} shown" if shown < table["cells"] else ""


def groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Give each group of rows with its heading: the database setting and the load."""
    for _, members in groupby(rows, key=group_of):
        group = list(members)
        first = group[0]
        database = databases.title(first["database"])
        if first["db_sleep_ms"] is not None:
            database += f" at {first['db_sleep_ms']:g} ms"
        yield f"{database}, {load_text(first['load'])}", group


def notes(table: Mapping[str, Any]) -> list[str]:
    """Return the lines below the table: what each reason means, every failed trial, every refused file."""
    codes = dict.fromkeys(code for row in table["rows"] for code in row["reasons"])
    lines = list(_places(table["rows"]))
    for code in codes:
        having = [row for row in table["rows"] if code in row["reasons"]]
        lines.append(f"{code}: {registry.note(code, having)}")
    lines += _not_judged(table["rows"])
    if any(counts_no_statements(row) for row in table["rows"]):
        lines.append(f"{NOT_TOLD}: {_UNCOUNTED}")
    if silent := untold(table["rows"]):
        measured = [row for row in table["rows"] if row["status"] != "failed"]
        lines.append(
            f"{NOT_TOLD} in {_of_rows(len(silent), len(measured), all_of_them='every row')}: {_UNTOLD}"
        )
    if any(row["service_level"] and not row["service_level"]["lag_known"] for row in table["rows"]):
        lines.append(_LAG_UNKNOWN)
    lines += _failures(table)
    lines += _again(table)
    return lines + [f"refused: {problem}" for problem in table["problems"]]


def _failures(table: Mapping[str, Any]) -> Iterator[str]:
    """Give a line for each way in which trials failed, or were not measured; a thousand may be alike."""
    ways: dict[tuple[str, str, str | None], list[str]] = {}
    for failure in table["failures"]:
        # the message of a damaged file is among the problems already
        message = None if failure["message"] in table["problems"] else failure["message"]
        became = "not measured" if _is_unmeasured(failure, table) else "failed"
        ways.setdefault((became, ", ".join(failure["reasons"]), message), []).append(failure["trial"])
    for (became, reasons, message), trials in ways.items():
        named = trials[0] if len(trials) == 1 else f"{count(len(trials), 'trial')}: {listed(trials)}"
        yield f"{became}: {named}: {reasons}" + (f" ({_in_a_line(message)})" if message is not None else "")


def _is_unmeasured(failure: Mapping[str, Any], table: Mapping[str, Any]) -> bool:
    """Whether a trial left nothing behind in a run that did not come to its end, or not yet."""
    return bool(table["outcome"] != "completed" and failure["reasons"] == [NOT_RUN.code])


def _again(table: Mapping[str, Any]) -> Iterator[str]:
    """Give a line for each reason why trials were measured again, and one for those that still can be."""
    reasons: dict[str, list[str]] = {}
    for trial in table["measured_again"]:
        reasons.setdefault(trial["why"], []).append(f"{trial['trial']} in place of {trial['instead_of']}")
    for why, trials in reasons.items():
        yield f"measured again ({_in_a_line(why)}): {', '.join(trials)}"
    lost = [failure for failure in table["failures"] if LOST & set(failure["reasons"])]
    if lost:
        yield (
            f"{count(len(lost), 'trial')} can be made up for, with the run's own -i; type: "
            f"{typed.resume(table['run_id'], [])}"
        )


def findings(table: Mapping[str, Any]) -> list[str]:
    """Return the sentences that the run supports."""
    return [found["sentence"] for found in table["findings"]]


def claims(table: Mapping[str, Any]) -> list[str]:
    """Return the matrix's claims, each with what the run says of it."""
    return [_claim(contrast) for contrast in table["contrasts"]]


def _claim(contrast: Mapping[str, Any]) -> str:
    told = f"{in_words(contrast['answer'])}: {contrast['claim']}"
    details = [f"{' ÷ '.join(contrast['cells'])}"]
    if contrast["interval"]:
        low, high = contrast["interval"]
        details[0] += f" is {contrast['ratio']:.2f}, {low:.2f} to {high:.2f}"
    return f"{told} ({'; '.join([*details, *filter(None, [contrast['why']])])})"


def _places(rows: Sequence[Row]) -> Iterator[str]:
    """Give the lines on what trials can tell of the order: what is shared, and what would tell more."""
    if any(row["tied"] for row in rows):
        yield "=: these rows share a place, since their trials do not tell them from the first of them" + (
            _nearest(rows)
        )
    if any(_out_of_rate(group) for _, group in groups(rows)):
        yield (
            "order: not all rows have trials of the same blocks, so these come by what each would have done "
            "in all blocks, not by their means"
        )
    without = [row for row in rows if row["rank"] and row["place"] is None]
    missed = [row for row in without if not keeps_its_level(row)]
    silent = [row for row in without if 0 in row["rps_per_trial"] and row not in missed]
    single = [row for row in without if row not in missed and row not in silent]
    if single:
        yield (
            f"{_of_rows(len(single), len(rows), all_of_them='all rows')} have one trial alone, which has no "
            "interval: they stand where it puts them, and have no place; type: -e repeats=3"
        )
    if missed:
        yield (
            f"{_of_rows(len(missed), len(rows), all_of_them='all rows')} missed the service level: these "
            "come by how much, of which no trial tells how it varies, and have no place"
        )
    if silent:
        yield (
            f"a trial of {_of_rows(len(silent), len(rows), all_of_them='every row')} answered nothing in its "
            "window: such rows have no place; see their trials (./collect.py k6), and measure longer, "
            "e.g. -e duration=60s"
        )


def _out_of_rate(group: Sequence[Row]) -> bool:
    """Whether rows whose rate is their own do not come by their mean rates."""
    ranked = [row for row in group if row["rank"] and row["service_level"] is None]
    # by their numbers: a person may have asked for another order
    rates = [row["rps"] for row in sorted(ranked, key=lambda row: row["number"])]
    return rates != sorted(rates, reverse=True)


def _nearest(rows: Sequence[Row]) -> str:
    """Return which neighbours the fewest more trials would tell apart, and how many it takes."""
    open_ones = [row for row in rows if row["neighbour"] and row["neighbour"]["same_place"]]
    known = [row for row in open_ones if row["neighbour"]["more_trials"] is not None]
    if not known:
        return f"; it would take more than {MOST_TRIALS} trials of each" if open_ones else ""
    nearest = min(known, key=lambda row: row["neighbour"]["more_trials"])
    more, other = nearest["neighbour"]["more_trials"], nearest["neighbour"]["cell"]
    return (
        f"; so many more trials as stand under 'to next' would tell a row from the next one, four times in "
        f"five, if they differ as they seem to: of {nearest['cell']} and {other} {more} more of each, "
        f"e.g. -e repeats={nearest['trials'] + more}"
    )


def _not_judged(rows: Sequence[Row]) -> list[str]:
    """Return a line for each thing that rules needed and lacked: their codes, in how many of the rows."""
    measured = [row for row in rows if row["status"] != "failed"]
    lacking: dict[tuple[str, int], list[str]] = {}
    for code in dict.fromkeys(code for row in measured for code in row["not_judged"]):
        count = len([row for row in measured if code in row["not_judged"]])
        lacking.setdefault((registry.not_judged_note(code), count), []).append(code)
    return [
        f"not judged in {_of_rows(count, len(measured))}: {', '.join(codes)} (needs {needs})"
        for (needs, count), codes in lacking.items()
    ]


def _of_rows(count: int, of: int, *, all_of_them: str = "any row") -> str:
    return all_of_them if count == of else f"{count} of {of} rows"


def _in_a_line(message: str) -> str:
    """Return a message whose lines stand on one."""
    return " / ".join(line.strip() for line in message.splitlines() if line.strip())


def _unit(unit: str, text: str) -> str:
    return f" {unit}" if unit and text != NOT_TOLD else ""


def _outcome(table: Mapping[str, Any]) -> str:
    text = _OUTCOMES[table["outcome"]]
    if table["message"]:
        text += f": {table['message']}"
    if table["continuations"]:
        text += f"; continued {_times(table['continuations'])}"
        if table["measured_again"]:
            text += f", {count(len(table['measured_again']), 'trial')} measured again (see below)"
    return f"{text}; {_trials(table)}" if table["trials_failed"] else text


def _trials(table: Mapping[str, Any]) -> str:
    """Return how many trials were not measured to their end; failed are those that were begun."""
    unmeasured = sum(_is_unmeasured(failure, table) for failure in table["failures"])
    of = f"of {table['trials']} trials"
    failed = table["trials_failed"] - unmeasured
    if not unmeasured:
        return f"{failed} {of} failed"
    began = f"{table['trials'] - table['trials_failed']} {of} measured"
    return ", ".join([began, *([f"{failed} failed"] if failed else []), f"{unmeasured} not measured"])


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _separation(table: Mapping[str, Any]) -> str:
    """Return how far the legs stand apart, and which of them stand least so."""
    worst = table["separation"]
    nearest = {leg for found in table["separations"] if found["separation"] == worst for leg in found["legs"]}
    legs = [leg for leg in LEGS if leg in nearest]
    named = "all legs" if len(legs) == len(LEGS) else " and ".join(legs)
    return _SEPARATIONS[worst].format(legs=named or "legs")


def _host(host: Mapping[str, Any]) -> str:
    details = [
        host["address"],
        count(host["cpus"], "CPU") if host["cpus"] else None,
        host["cpu_model"],
        host["system"],
    ]
    known = ", ".join(detail for detail in details if detail)
    return f"{'+'.join(host['legs'])}: {host['host']}" + (f" ({known})" if known else "")


def _sampler(sampler: Mapping[str, Any]) -> str:
    """Return what sampling cost on a host, and what it lacks."""
    share = sampler["cpu_share"]
    text = f"{sampler['host']} " + ("unknown" if share is None else f"{share:.2%} of a core")
    lost = sampler["trials_lost"]
    return text + (f" ({lost} of the trials without: see lost in their record.json)" if lost else "")


def _pairs(pairs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Give the round trip of each pair of legs; of a leg with several hosts, with the one that calls."""
    legs = [pair["from"] for pair in pairs]
    for pair in pairs:
        caller = f" ({pair['from_host']})" if legs.count(pair["from"]) > 1 else ""
        yield f"{pair['from']}{caller} to {pair['to']} {significant(pair['round_trip_ms']['med'])} ms"


def _provenance(table: Mapping[str, Any]) -> str:
    git = table["git"]
    commit = f"git {git['commit'][:10]}" if git["commit"] else "no git commit"
    if git["dirty"]:
        commit += " (dirty)"
    k6 = ", ".join(version.split(" (")[0] for version in table["k6_versions"]) or "k6 unknown"
    made_with = [k6, *table["database_versions"], f"seed {table['seed']}", commit, table["created_at"]]
    return ", ".join(made_with)
