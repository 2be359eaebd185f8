"""AssignAccess: who gets which permission set; one assignment in a round, each followed to its end.

Identity Center updates one role of an account at a time (aws-semantics 2), so an account's assignments are serial. In a
vend the account is still quarantined: nobody can do anything with the access yet.
"""

from __future__ import annotations

from avm.steps.control_rounds import RoundInput, RoundOutput, run_round
from avm.steps.gateways import Gateways


class Input(RoundInput):
    """The controls of this duty, and the operation that an earlier round has begun."""


def run(step: Input, gateways: Gateways) -> RoundOutput:
    """Make the controls true as far as AWS lets it now."""
    return run_round(step, gateways)
