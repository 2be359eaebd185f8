"""management-regions: governed Regions that need an opt-in, in the management account."""

from dataclasses import replace

import pytest

from avm.domain.errors import ConcurrentChange
from avm.foundation.management_regions import ManagementRegions
from tests.unit.controls.test_regions import OPT_IN, governing
from tests.unit.foundation.conftest import Ground

CONTROL = ManagementRegions()


def test_a_governed_region_that_is_off_is_enabled_and_waited_for(ground: Ground) -> None:
    target = ground.target()
    assert CONTROL.look(target, ground.reach).status == "compliant"
    wider = replace(target, catalog=governing(target.catalog, OPT_IN))
    found = CONTROL.look(wider, ground.reach)
    assert [(step.operation, step.subject) for step in found.steps] == [("account:EnableRegion", f"Region {OPT_IN}")]
    assert (found.steps[0].before, found.status) == ("DISABLED", "violated")
    found.steps[0].act()
    ground.emulator.clock.advance(1)
    found = CONTROL.look(wider, ground.reach)
    assert (found.status, found.steps, found.waits_for) == ("pending", (), (f"Region {OPT_IN}: ENABLING",))
    ground.emulator.clock.advance(ground.emulator.latencies.longest("account:EnableRegion"))
    assert CONTROL.look(wider, ground.reach).status == "compliant"
    account = ground.emulator.clients.client("account")
    account.disable_region(RegionName=OPT_IN)
    ground.emulator.clock.advance(1)
    (step,) = CONTROL.look(wider, ground.reach).steps
    with pytest.raises(ConcurrentChange, match=OPT_IN):
        step.act()
