"""Look whether the new account answers in every service and Region that is needed.

Trigger: state ``AwaitReadiness`` of ``vend_account``.
Input: ``steps.await_readiness.Input``. Output: ``steps.await_readiness.Output``.
Errors: UnexpectedAwsError.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import await_readiness

handler = entrypoint(await_readiness)
