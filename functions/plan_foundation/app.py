"""Order the controls of the foundation in waves.

Trigger: state ``PlanFoundation`` of ``prepare_organization``.
Input: ``steps.plan_foundation.Input``. Output: ``steps.plan_foundation.Output``.
Errors: none.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import plan_foundation

handler = entrypoint(plan_foundation)
