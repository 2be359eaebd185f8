"""Hand the access slot on to the next of the queue.

Trigger: state ``ReleaseAccessSlot`` of ``vend_account``.
Input: ``steps.release_access_slot.Input``. Output: ``steps.release_access_slot.Output``.
Errors: ConcurrentChange.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import release_access_slot

handler = entrypoint(release_access_slot)
