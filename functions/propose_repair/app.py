"""Propose a repair that waits for somebody's decision.

Trigger: state ``ProposeRepair`` of ``repair_drift``, which waits on the task token.
Input: ``steps.propose_repair.Input``. Output: none; the decision comes by the token.
Errors: Throttled, ServiceUnavailable.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import propose_repair

handler = entrypoint(propose_repair)
