"""Let the role that CreateAccount has made trust the broker alone.

Trigger: state ``RestrictBootstrap`` of ``vend_account``.
Input: ``steps.restrict_bootstrap.Input``. Output: ``steps.control_rounds.RoundOutput``.
Errors: AccessDenied, UnexpectedAwsError.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import restrict_bootstrap

handler = entrypoint(restrict_bootstrap)
