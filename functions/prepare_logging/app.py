"""Let the organization trail log all accounts into the log archive.

Trigger: state ``PrepareLogging`` of ``prepare_organization``.
Input: ``steps.prepare_logging.Input``. Output: ``steps.foundation_rounds.RoundOutput``.
Errors: CatalogInvalid, FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import prepare_logging

handler = entrypoint(prepare_logging)
