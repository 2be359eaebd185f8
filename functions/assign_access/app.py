"""Give people access, one assignment at a time.

Trigger: state ``AssignAccess`` of ``vend_account``.
Input: ``steps.assign_access.Input``. Output: ``steps.control_rounds.RoundOutput``.
Errors: AssignmentFailed, PrincipalNotFound, FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import assign_access

handler = entrypoint(assign_access)
