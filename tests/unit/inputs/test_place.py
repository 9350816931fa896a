"""Paths that can be used, and where a checkout keeps what runs on this machine make."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tripod.inputs import inventory, place
from tripod.inputs.errors import InputError

ROOT = Path(__file__).parents[3]
ONE = {"load": ["a"], "app": ["a"], "db": ["a"]}
SUPERVISED: dict[str, object] = {"service_manager": "supervisor"}


@pytest.mark.parametrize("name", ["x", "with space", "50%", "Größe-数", "R&D (1) ~a+b=c@d_e.f!", "a<b>c|d"])
def test_what_can_be_used(name: str) -> None:
    """Letters of all languages, spaces, and what shells know but quoting takes care of."""
    assert place.problem(f"/srv/{name}/x") is None


@pytest.mark.parametrize(
    "name",
    ['a"b', "a'b", "a\\b", "a`b", "a$b", "a*", "a?", "a[1]", "{{ a }}", "a:b", "a;b", "a,b", "a#b", "a\nb"],
)
def test_what_is_refused(root: Path, tmp_path: Path, name: str) -> None:
    """A sign that has a meaning of its own is named, of the checkout's path and of tripod_root alike."""
    strange = repr(next(sign for sign in name if not sign.isalnum()))
    with pytest.raises(InputError) as caught:
        inventory.resolve(ONE, {"a": SUPERVISED}, tmp_path / name)
    [problem] = [text for text in caught.value.problems if text.startswith("this checkout is in ")]
    assert strange in problem.split("; allowed: a path without ")[1]
    assert problem.endswith("; move it, or clone it to another place")
    with pytest.raises(InputError) as caught:
        inventory.resolve(ONE, {"a": SUPERVISED | {"tripod_root": f"/srv/{name}"}}, root)
    [problem] = caught.value.problems
    assert problem.startswith("a: tripod_root is ")


def test_a_path_on_a_remote_host_is_plain(root: Path) -> None:
    """What is fine on localhost is refused for a unit of systemd."""
    given = {"tripod_root": "/srv/50% of it"}
    assert inventory.resolve(ONE, {"a": SUPERVISED | given}, root)["a"]["tripod_root"] == given["tripod_root"]
    with pytest.raises(InputError, match="an absolute path of letters, digits and"):
        inventory.resolve(ONE, {"a": given}, root)


def test_make_refuses_before_it_makes_anything(tmp_path: Path) -> None:
    """`make` in a directory with such a name ends with one sentence, and leaves the directory as it was."""
    checkout = tmp_path / "an 'odd' $HOME"
    checkout.mkdir()
    for name in ("Makefile", "uv.lock"):
        shutil.copy2(ROOT / name, checkout)
    for name in ("requirements", "tripod"):
        shutil.copytree(ROOT / name, checkout / name)
    before = sorted(checkout.rglob("*"))
    make = ["make", "setup", f"PYTHON={sys.executable}"]
    done = subprocess.run(make, cwd=checkout, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    [line] = [line for line in done.stderr.splitlines() if not line.startswith("make: ")]
    assert line.startswith("this checkout is in ")
    assert "a path without '$' " in line
    assert sorted(checkout.rglob("*")) == before


@pytest.fixture
def closed() -> Iterator[Path]:
    """Give a directory that only its owner may enter."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        yield Path(directory)


def test_root_s_closed_checkout_has_its_things_elsewhere(closed: Path) -> None:
    """PostgreSQL, which cannot run as root, must be able to enter; each checkout has a place of its own."""
    one, other = closed / "one", closed / "other"
    assert place.home(one, uid=1000) == one / ".tripod"
    elsewhere = place.home(one, uid=0)
    assert elsewhere.parent == Path("/var/lib")
    assert elsewhere.name.startswith("tripod-")
    assert place.home(one, uid=0) == elsewhere != place.home(other, uid=0)
    closed.chmod(0o711)
    assert place.home(one, uid=0) == one / ".tripod"
    (one / ".tripod").mkdir(parents=True)
    (one / ".tripod").chmod(0o700)
    assert place.home(one, uid=0) == elsewhere


@pytest.mark.parametrize(
    ("mode", "who", "enters"),
    [
        (0o755, "other", True),
        (0o711, "other", True),
        (0o754, "other", False),
        (0o750, "group", True),
        (0o745, "group", False),  # the group's bits hold for the group, whatever others may do
        (0o700, "owner", True),
        (0o055, "owner", False),
    ],
)
def test_who_may_enter(tmp_path: Path, mode: int, who: str, *, enters: bool) -> None:
    """The first of owner, group and others that fits decides, as in the kernel."""
    directory = tmp_path / "directory"
    directory.mkdir()
    directory.chmod(mode)
    known = directory.stat()
    uid = known.st_uid + (who != "owner")
    gid = known.st_gid + (who == "other")
    assert place.may_enter(directory, uid, gid) == enters
