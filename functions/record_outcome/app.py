"""Record that the account is ready, and say so.

Trigger: state ``RecordOutcome`` of ``vend_account``.
Input: ``steps.record_outcome.Input``. Output: ``steps.record_outcome.Output``.
Errors: EventNotDelivered.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import record_outcome

handler = entrypoint(record_outcome, counts="AccountReady")
