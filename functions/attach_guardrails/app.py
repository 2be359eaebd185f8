"""Make the account's place, SCPs and tags what they should be.

Trigger: state ``AttachGuardrails`` of ``apply_controls``.
Input: ``steps.attach_guardrails.Input``. Output: ``steps.control_rounds.RoundOutput``.
Errors: CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import attach_guardrails

handler = entrypoint(attach_guardrails)
