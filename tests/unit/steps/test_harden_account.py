"""HardenAccount: its rounds have their tests in ``test_control_rounds.py``, its controls each its own."""

from avm.domain.finding import Change
from avm.steps import harden_account
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant

__all__ = ["plant"]


def test_its_controls_are_made_true(world: World, plant: Plant) -> None:
    control = Planted("shelf", "violated", "compliant", changes=(Change("shelf", "PutThing", "thing"),))
    plant(control)
    record, account_id = world.created()
    output = world.run(harden_account, record, account_id=account_id, controls=("shelf",))
    assert (output.status, [event for event, _, _ in control.events]) == ("DONE", ["observe", "enforce", "observe"])
