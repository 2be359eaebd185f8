"""Give the organization its features, OUs and guardrails.

Trigger: state ``ShapeOrganization`` of ``prepare_organization``.
Input: ``steps.shape_organization.Input``. Output: ``steps.foundation_rounds.RoundOutput``.
Errors: CatalogInvalid, FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import shape_organization

handler = entrypoint(shape_organization)
