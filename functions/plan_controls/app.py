"""Order the controls of an account in waves.

Trigger: state ``PlanControls`` of ``apply_controls``.
Input: ``steps.plan_controls.Input``. Output: ``steps.plan_controls.Output``.
Errors: CatalogInvalid, FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import plan_controls

handler = entrypoint(plan_controls)
