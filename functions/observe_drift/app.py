"""Look at one control of one account, tell where it is untrue, and say whether to repair it.

Trigger: state ``ObserveDrift`` of ``repair_drift``.
Input: ``steps.observe_drift.Input``. Output: ``steps.observe_drift.Output``.
Errors: Throttled, ConcurrentChange, ServiceUnavailable, NotYetVisible, CatalogInvalid, EventNotDelivered.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import observe_drift

handler = entrypoint(observe_drift)
