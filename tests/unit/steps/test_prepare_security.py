"""PrepareSecurity."""

from avm.steps import prepare_security
from tests.unit.steps.planted_foundation import TIME, Planted, Stage, stage

__all__ = ["stage"]


def test_its_controls_are_brought_on(stage: Stage) -> None:
    stage.plant(Planted("eyes", "sight", duty="prepare_security"))
    output = stage.run(prepare_security, controls=("eyes",), since=TIME)
    assert (output.status, output.made) == ("DONE", ("iam:MakeThing: sight",))
