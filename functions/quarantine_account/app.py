"""Quarantine the account before anything else happens in it.

Trigger: state ``QuarantineAccount`` of ``vend_account``.
Input: ``steps.quarantine_account.Input``. Output: ``steps.quarantine_account.Output``.
Errors: FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import quarantine_account

handler = entrypoint(quarantine_account)
