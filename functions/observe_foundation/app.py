"""Look at every control of the foundation and keep the report.

Trigger: state ``ObserveFoundation`` of ``prepare_organization``.
Input: ``steps.observe_foundation.Input``. Output: ``steps.observe_foundation.Output``.
Errors: CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import observe_foundation

handler = entrypoint(observe_foundation)
