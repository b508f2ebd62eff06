"""An operator whose machine has the wrong time, or gets another one while it works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.faults.host_operator import OperatorProcess
from tests.integration.conftest import CHECKOUT
from tests.integration.faults import Seen, check_costs, check_end
from tests.integration.place import Place, condition
from tests.integration.running import OperatorThread, environment

HOUR = 3600


class Machine:
    """Where the operator runs; its clock may be set."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def set_clock(self, seconds: int) -> None:
        """Have the clock be so many seconds ahead."""
        fresh = self._file.with_suffix(".fresh")
        fresh.write_text(str(seconds))
        fresh.rename(self._file)


@pytest.fixture
def machine(
    no_operator: OperatorThread, operator_kubeconfig: Path, tmp_path: Path
) -> Iterator[Machine]:
    """Have an operator begin an hour ahead of everybody else."""
    assert no_operator
    file = tmp_path / "clock"
    made = Machine(file)
    made.set_clock(HOUR)
    surroundings = environment(operator_kubeconfig, tmp_path, WRONG_CLOCK=str(file))
    operator = OperatorProcess(
        environment={**surroundings, "PYTHONPATH": str(CHECKOUT)},
        log=tmp_path / "log",
        module="tests.faults.wrong_clock",
    )
    operator.start()
    yield made
    operator.stop()


def test_a_clock_that_is_wrong_and_jumps_ends_no_run_early_or_late(
    machine: Machine, plane: ControlPlane, place: Place
) -> None:
    seen = Seen(plane, place)
    place.installed(startDeadlineSeconds=300)
    place.installed("hasty", startDeadlineSeconds=6)
    place.run("ada")
    place.run("bob", "hasty")
    waits = place.phase("ada", "Starting", "Failed")
    assert condition(waits)["reason"] == "Starting"
    machine.set_clock(-HOUR)
    found = place.phase("bob", "Failed")
    assert condition(found)["reason"] == "StartDeadlineExceeded"
    place.start("ada")
    place.phase("ada", "Running")
    machine.set_clock(HOUR)
    place.finish("ada")
    found = check_end(place, seen, "ada", ("Succeeded", "Succeeded"))
    said = datetime.fromisoformat(condition(found)["lastTransitionTime"])
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=5)
    check_costs(seen, 2)
