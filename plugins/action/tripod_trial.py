"""Action: conduct one trial on its host, in step with the processes that conduct it on the other hosts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from tripod.catalogue import lease
from tripod.hosts import unreachable
from tripod.lease import channel, keeper, ownership
from tripod.trial import awake, outcome
from tripod.trial.conduct import conduct
from tripod.trial.meeting import Meeting
from tripod.trial.steps import Steps, may_be_taken_again
from tripod.trial.told import Here, Trial

DOCUMENTATION = """
action: tripod_trial
short_description: measure one trial, and write record.json and k6.json.gz on the controller before it returns
description:
  - The callback C(tripod_stdout) tells people of each trial, by what is returned of it.
  - It runs on every host of the run, in a loop over the trials. What the hosts say of a step is shared by all
    processes, so that a step begins when the one before has ended everywhere.
  - A trial that fails does not fail the task; its record says so.
options:
  trial: {description: "the trial, see tripod.trial.told.Trial", type: dict, required: true}
  here: {description: "this host, see tripod.trial.told.Here", type: dict, required: true}
  hosts: {description: names of all hosts of the run, type: list, elements: str, required: true}
  run_dir: {description: the run's directory on the controller, type: path, required: true}
"""

# Every process is forked before the first trial starts; a slow controller takes a second for that.
ARRIVAL_S = 60.0
_AGAIN_S = 1.0
# Of a module's result, what is Ansible's own affair.
_NOT_SAID = frozenset({"exception", "invocation"})


class _Desk:
    """What this process keeps from trial to trial: Ansible makes a new action for each."""

    meeting: Meeting | None = None
    parent = 0
    given_up = ""
    away = False


def _stay_with_parent() -> None:
    """End this process where ansible-playbook was killed; the trial in flight was stopped and written."""
    if os.getppid() != _Desk.parent:
        os._exit(1)


class ActionModule(ActionBase):
    """Leave what a trial is to the library, and what runs on the host to its modules."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Conduct the trial; a fault of ours ends the run, and keeps no other process waiting."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            return result | {"changed": True} | self._conduct(task_vars)
        except Exception as error:
            _Desk.given_up = _Desk.given_up or str(error)
            if _Desk.meeting is not None:
                _Desk.meeting.leave()
            raise AnsibleActionFail(f"no further trial is measured: {_Desk.given_up}") from error

    def _conduct(self, task_vars: Any) -> dict[str, Any]:
        """Conduct the trial; that of the first host also writes the record, and returns what it says."""
        if _Desk.given_up:
            raise AnsibleActionFail(_Desk.given_up)
        given = self._task.args
        trial, here = Trial(**given["trial"]), Here(**given["here"])
        hosts = [str(host) for host in given["hosts"]]
        if _Desk.meeting is None:
            # Below the directory of this ansible-playbook, which removes it when it ends.
            place = Path(constants.DEFAULT_LOCAL_TMP) / "tripod-meeting"
            _Desk.meeting, _Desk.parent = Meeting(place, here.name, hosts, ARRIVAL_S), os.getppid()
            if here.name == hosts[0]:
                awake.keep_awake(_Desk.parent)
        _stay_with_parent()
        writes = here.name == hosts[0]
        if writes:
            outcome.begin(Path(given["run_dir"]), trial)

        if _Desk.away:
            self._wait(trial, here)

        def ask(module: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
            said = self._ask(module, arguments, task_vars)
            _Desk.away = bool(said.get("unreachable"))
            if may_be_taken_again(said, arguments):
                # It was lost in an earlier trial, and may be had again if nobody has it or ended the run.
                self._take_again(here, trial.run_id, task_vars)
                said = self._ask(module, arguments, task_vars)
            return said

        steps = conduct(trial, here, ask, _Desk.meeting)
        told = self._written(Path(given["run_dir"]), trial, steps) if writes else {}
        _Desk.meeting.share({})  # the next trial begins when this one is on the disk
        _stay_with_parent()
        return told

    @staticmethod
    def _written(run_dir: Path, trial: Trial, steps: Steps) -> dict[str, Any]:
        try:
            return outcome.write(run_dir, trial, steps)
        except OSError as error:
            raise AnsibleActionFail(
                f"what {trial.name} measured cannot be written to {run_dir}: {error.strerror}"
            ) from error

    def _wait(self, trial: Trial, here: Here) -> None:
        """Wait until the host, which was lost in the trial before, can be reached; not forever."""
        end, told = time.monotonic() + trial.away_s, False
        while True:
            try:
                self._low_level_execute_command("true", sudoable=False)
            except AnsibleConnectionFailure as error:
                if time.monotonic() > end:
                    why = unreachable.told(str(error))
                    raise AnsibleActionFail(f"{here.name}, for {trial.away_s} s: {why}") from error
            else:
                return
            if not told:
                text = f"    {here.name} cannot be reached; it is waited for up to {trial.away_s} s"
                self._display.display(text, color=constants.COLOR_WARN)
                told = True
            _stay_with_parent()
            time.sleep(_AGAIN_S)

    def _take_again(self, here: Here, run_id: str, task_vars: Any) -> None:
        """Take the lease again, with a new keeper, since the first may be gone; else end the run."""
        owner = ownership.current()
        assert owner is not None  # noqa: S101 - the lease was taken
        arguments = {"manager": here.service_manager, "root": here.root, "run_id": run_id}
        arguments |= owner.told(Path(context.CLIARGS["args"][0]).name, run_id)
        end = time.monotonic() + lease.STOPPING_S
        while True:
            said = self._ask("tripod_lease", arguments, task_vars)
            # Who has it and says nothing is still stopping what ran.
            if said.get("held_by") != {} or time.monotonic() > end:
                break
        if said.get("failed"):
            raise AnsibleActionFail(f"{here.name}: the lease was lost: {said.get('msg')}")
        if here.boot_id is not None and said.get("boot_id", here.boot_id) != here.boot_id:
            raise AnsibleActionFail(
                f"{here.name} was booted since hosts.json was written, so that what was set there may be gone"
            )
        if "connector" in said:
            try:
                channel.keep(self._connection, said, owner, self._play_context.password)
            except keeper.ChannelError as error:
                self._display.warning(f"{here.name}: the lease has no new keeper: {error}")

    def _ask(self, module: str, arguments: dict[str, Any], task_vars: Any) -> Mapping[str, Any]:
        """Run a module on this host; a host that is lost has said so."""
        try:
            said = self._execute_module(module_name=module, module_args=arguments, task_vars=task_vars)
        except AnsibleConnectionFailure as error:
            return {"unreachable": True, "msg": unreachable.told(str(error))}
        return {key: value for key, value in said.items() if key not in _NOT_SAID}
