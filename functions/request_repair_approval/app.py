"""Propose a repair that waits for somebody's decision.

Trigger: state ``RequestRepairApproval`` of ``repair_drift``, which waits on the task token.
Input: ``steps.request_repair_approval.Input``. Output: none; the decision comes by the token.
Errors: Throttled, ServiceUnavailable.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import request_repair_approval

handler = entrypoint(request_repair_approval)
