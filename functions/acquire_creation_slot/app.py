"""Get the request one of the few creations that AWS takes at once.

Trigger: state ``AcquireCreationSlot`` of ``vend_account``.
Input: ``steps.acquire_creation_slot.Input``. Output: ``steps.acquire_creation_slot.Output``;
the state's answer comes by its task token.
Errors: ConcurrentChange, Throttled, RequestNotFound.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import acquire_creation_slot

handler = entrypoint(acquire_creation_slot)
