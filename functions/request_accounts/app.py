"""Ask for the foundational accounts and wait for them.

Trigger: state ``RequestAccounts`` of ``prepare_organization``.
Input: ``steps.request_accounts.Input``. Output: ``steps.foundation_rounds.RoundOutput``.
Errors: CatalogInvalid, FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import request_accounts

handler = entrypoint(request_accounts)
