"""PrepareSecurity: GuardDuty and Security Hub, which the security account administers."""

from __future__ import annotations

from avm.steps.foundation_rounds import RoundInput, RoundOutput, run_round
from avm.steps.gateways import Gateways


class Input(RoundInput):
    """The controls of this duty."""


def run(step: Input, gateways: Gateways) -> RoundOutput:
    """Do their steps as far as AWS lets it now."""
    return run_round(step, gateways)
