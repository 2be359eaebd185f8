"""Look at an account as its adoption would, and keep what it would change.

Trigger: state ``PlanAdoption`` of ``plan_adoption``.
Input: ``steps.plan_adoption.Input``. Output: ``steps.plan_adoption.Output``.
Errors: none of its own; what keeps the account from being adopted is in the plan.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import plan_adoption

handler = entrypoint(plan_adoption)
