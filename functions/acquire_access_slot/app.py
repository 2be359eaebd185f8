"""Get the account one of the few places in which access is assigned at once.

Trigger: state ``AcquireAccessSlot`` of ``vend_account``.
Input: ``steps.acquire_access_slot.Input``. Output: ``steps.acquire_access_slot.Output``;
the state's answer comes by its task token.
Errors: ConcurrentChange, RequestNotFound.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import acquire_access_slot

handler = entrypoint(acquire_access_slot)
