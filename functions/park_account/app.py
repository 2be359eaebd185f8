"""Hold the account safe and record why the vend failed.

Trigger: state ``ParkAccount`` of ``vend_account``.
Input: ``steps.park_account.Input``. Output: ``steps.park_account.Output``.
Errors: EventNotDelivered.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import park_account

handler = entrypoint(park_account, counts="AccountParked")
