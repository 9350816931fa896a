"""Filters: names for the library's functions; what a filter does and returns is told there."""

from __future__ import annotations

import os
from typing import Any

from tripod.catalogue import databases, k6, postgres, users
from tripod.hosts import (
    clocks,
    definitions,
    environment,
    kernel,
    observed,
    postgres_place,
    preflight,
    reach,
    readiness,
    separation,
    trees,
    tuning,
    units,
    unreachable,
)
from tripod.planning import left, plan, resume
from tripod.report import plan_text
from tripod.runs import stints
from tripod.trial import told


def _plan_text(plan: dict[str, Any]) -> str:
    """Return a plan as people read it before its run."""
    # as the callback found it
    width = int(os.environ.get("TRIPOD_COLUMNS", "120"))
    return "\n".join([left.announced(plan), *plan_text.lines(plan, width)])


class FilterModule:
    """The filters' names."""

    def filters(self) -> dict[str, Any]:
        """Return name → function."""
        return {
            "tripod_announced": left.announced,
            "tripod_plan_text": _plan_text,
            "tripod_away_s": told.away_s,
            "tripod_becoming": users.becoming,
            "tripod_clocks": clocks.offsets,
            "tripod_db_url": databases.url,
            "tripod_described": observed.described,
            "tripod_environment_fits": environment.fits,
            "tripod_environment_problem": environment.problem,
            "tripod_environment_stamp": environment.stamp,
            "tripod_fakedbs": definitions.fakedbs,
            "tripod_file_name": stints.file_name,
            "tripod_foreign_units": units.foreign,
            "tripod_hosts": separation.document,
            "tripod_k6_problem": k6.problem,
            "tripod_limits_before": kernel.before,
            "tripod_limits_differing": kernel.differing,
            "tripod_limits_problems": kernel.problems,
            "tripod_limits_remembered": kernel.remembered,
            "tripod_lost": unreachable.lost,
            "tripod_out_of_reach": reach.out_of_reach,
            "tripod_overtaken": resume.overtaken,
            "tripod_postgres": definitions.postgres,
            "tripod_postgres_memory": postgres.memory,
            "tripod_postgres_server": postgres.newest_server,
            "tripod_postgres_user": postgres_place.system_user,
            "tripod_python": preflight.chosen_python,
            "tripod_readiness": readiness.judged,
            "tripod_readiness_lines": readiness.lines,
            "tripod_refusals": reach.refusals,
            "tripod_seen": preflight.values,
            "tripod_k6_binary": k6.binary,
            "tripod_settled": plan.settled,
            "tripod_trials": told.trials,
            "tripod_tree": trees.contents,
            "tripod_tuning_before": tuning.before,
            "tripod_tuning_differing": tuning.differing,
            "tripod_tuning_lacking": tuning.lacking,
            "tripod_tuning_problems": tuning.problems,
            "tripod_tuning_remembered": tuning.remembered,
            "tripod_unfit": preflight.unfit,
            "tripod_user": users.user,
            "tripod_users": users.needed,
            "tripod_users_made": preflight.made_users,
            "tripod_users_missing": preflight.missing_users,
            "tripod_webapps": definitions.webapps,
        }
