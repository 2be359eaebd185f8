"""AttachGuardrails: the account stands in its OU, has its SCPs and its tags."""

from __future__ import annotations

from avm.steps.control_rounds import RoundInput, RoundOutput, run_round
from avm.steps.gateways import Gateways


class Input(RoundInput):
    """The controls of this duty, in one place."""


def run(step: Input, gateways: Gateways) -> RoundOutput:
    """Make the controls true as far as AWS lets it now."""
    return run_round(step, gateways)
