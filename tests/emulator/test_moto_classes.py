"""moto is as it was when an emulator has stopped."""

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.events.models import EventsBackend, Rule
from moto.sqs.models import Queue, SQSBackend

from avm_emulator.engine import Options, start

CLASSES = (EventsBackend, LambdaBackend, LambdaFunction, Queue, Rule, SQSBackend)


def test_an_emulator_that_has_stopped_leaves_nothing_in_motos_classes() -> None:
    before = [dict(vars(owner)) for owner in CLASSES]
    with start(Options(speed="max", prepare=False, deploy=False)):
        assert [dict(vars(owner)) for owner in CLASSES] != before
    assert [dict(vars(owner)) for owner in CLASSES] == before
