"""Make the roles in which the machine works in the account from now on.

Trigger: state ``CreateVendingRoles`` of ``vend_account``.
Input: ``steps.create_vending_roles.Input``. Output: ``steps.create_vending_roles.Output``.
Errors: AccessDenied, UnexpectedAwsError.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import create_vending_roles

handler = entrypoint(create_vending_roles)
