"""Work out what the vend of a request would do, and keep it.

Trigger: state ``PlanAccount`` of ``plan_account``.
Input: ``steps.plan_account.Input``. Output: ``steps.plan_account.Output``.
Errors: none of its own; what stands in the way of the vend is in the plan.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import plan_account

handler = entrypoint(plan_account)
