"""Make true what is promised of the inside of the account.

Trigger: state ``HardenAccount`` of ``apply_controls``.
Input: ``steps.harden_account.Input``. Output: ``steps.control_rounds.RoundOutput``.
Errors: CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import harden_account

handler = entrypoint(harden_account)
