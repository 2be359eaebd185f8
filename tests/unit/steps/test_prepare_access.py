"""PrepareAccess."""

from avm.steps import prepare_access
from tests.unit.steps.planted_foundation import TIME, Planted, Stage, stage

__all__ = ["stage"]


def test_its_controls_are_brought_on(stage: Stage) -> None:
    stage.plant(Planted("doors", "key", duty="prepare_access"))
    output = stage.run(prepare_access, controls=("doors",), since=TIME)
    assert (output.status, output.made) == ("DONE", ("iam:MakeThing: key",))
