"""Tell Service Catalog what to ask those for who launch a product.

Trigger: Service Catalog (DescribeProvisioningParameters), which knows it by the name that AWS has fixed.
Input: ``steps.parse_parameters.Input``. Output: ``steps.parse_parameters.Output``.
Errors: InvalidRequest, AccessDenied, CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import parse_parameters

handler = entrypoint(parse_parameters)
