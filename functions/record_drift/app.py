"""Look at a control that was repaired, and tell before and after.

Trigger: state ``RecordDrift`` of ``repair_drift``.
Input: ``steps.record_drift.Input``. Output: ``steps.record_drift.Output``.
Errors: Throttled, ConcurrentChange, ServiceUnavailable, NotYetVisible, CatalogInvalid, EventNotDelivered.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import record_drift

handler = entrypoint(record_drift)
