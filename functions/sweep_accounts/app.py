"""Look at every control of a batch of accounts.

Trigger: state ``SweepAccounts`` of ``sweep_organization``.
Input: ``steps.sweep_accounts.Input``. Output: ``steps.sweep_accounts.Output``.
Errors: Throttled, ConcurrentChange, ServiceUnavailable, NotYetVisible, CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import sweep_accounts

handler = entrypoint(sweep_accounts)
