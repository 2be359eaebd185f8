"""RequestAccounts."""

from avm.steps import request_accounts
from tests.unit.steps.planted_foundation import TIME, Planted, Stage, stage

__all__ = ["stage"]


def test_its_controls_are_brought_on(stage: Stage) -> None:
    stage.plant(Planted("house", "ground", duty="request_accounts"))
    output = stage.run(request_accounts, controls=("house",), since=TIME)
    assert (output.status, output.made) == ("DONE", ("iam:MakeThing: ground",))
