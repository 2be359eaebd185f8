"""Give Identity Center the permission sets of the catalog.

Trigger: state ``PrepareAccess`` of ``prepare_organization``.
Input: ``steps.prepare_access.Input``. Output: ``steps.foundation_rounds.RoundOutput``.
Errors: CatalogInvalid, FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import prepare_access

handler = entrypoint(prepare_access)
