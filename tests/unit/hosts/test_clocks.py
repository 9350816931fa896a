"""How far the hosts' clocks are apart, from what the legs asked each other."""

from __future__ import annotations

from tripod.hosts.clocks import offsets

LEGS = {"load": ["l"], "app": ["a"], "db": ["d"]}


def pair(source: str, to: str, host: str, offset_s: float, error_s: float) -> dict[str, object]:
    """Return a pair as `tripod_reach` measured it."""
    return {"from": source, "to": to, "to_host": host, "clock": {"offset_s": offset_s, "error_s": error_s}}


def test_offsets_and_errors_add_up_on_the_way() -> None:
    """The load host asks the app host, and that the DB host."""
    reached = {
        "l": [pair("load", "app", "a", 2.0, 0.25)],
        "a": [pair("app", "db", "d", -0.5, 0.125)],
        "d": [],
    }
    assert offsets({"legs": LEGS}, reached) == {
        "l": {"offset_s": 0.0, "error_s": 0.0},
        "a": {"offset_s": 2.0, "error_s": 0.25},
        "d": {"offset_s": 1.5, "error_s": 0.375},
    }


def test_the_clocks_of_load_hosts_are_compared_over_the_app_host() -> None:
    """The second one is 0.5 s behind the app host, which is 2 s ahead of the first one."""
    reached = {
        "l": [pair("load", "app", "a", 2.0, 0.25)],
        "m": [pair("load", "app", "a", 0.5, 0.5)],
        "a": [pair("app", "db", "d", -0.5, 0.125)],
    }
    found = offsets({"legs": LEGS | {"load": ["l", "m"]}}, reached)
    assert found["m"] == {"offset_s": 1.5, "error_s": 0.75}
    assert found["d"] == {"offset_s": 1.5, "error_s": 0.375}
    del reached["l"]
    assert list(offsets({"legs": LEGS | {"load": ["l", "m"]}}, reached)) == ["l"]


def test_a_host_that_is_two_legs_has_one_clock() -> None:
    """What it asks itself changes nothing."""
    legs = {"load": ["l"], "app": ["l"], "db": ["d"]}
    reached = {"l": [pair("load", "app", "l", 0.1, 0.1), pair("app", "db", "d", 1.0, 0.25)]}
    found = offsets({"legs": legs}, reached)
    assert found == {"l": {"offset_s": 0.0, "error_s": 0.0}, "d": {"offset_s": 1.0, "error_s": 0.25}}


def test_a_host_that_did_not_tell_is_left_out() -> None:
    """So is every host behind it."""
    without = {"from": "load", "to": "app", "to_host": "a"}
    reached = {"l": [without], "a": [pair("app", "db", "d", 1.0, 0.25)]}
    assert list(offsets({"legs": LEGS}, reached)) == ["l"]
