"""Hand the creation slot on to the next of the queue.

Trigger: state ``ReleaseCreationSlot`` of ``vend_account``.
Input: ``steps.release_creation_slot.Input``. Output: ``steps.release_creation_slot.Output``.
Errors: ConcurrentChange, Throttled.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import release_creation_slot

handler = entrypoint(release_creation_slot)
