"""Say which accounts a sweep looks at.

Trigger: state ``PlanSweep`` of ``sweep_organization``.
Input: ``steps.plan_sweep.Input``. Output: ``steps.plan_sweep.Output``.
Errors: Throttled, ConcurrentChange, ServiceUnavailable, NotYetVisible, CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import plan_sweep

handler = entrypoint(plan_sweep)
