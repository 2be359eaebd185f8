"""Add up what a sweep has found.

Trigger: state ``FinishSweep`` of ``sweep_organization``.
Input: ``steps.finish_sweep.Input``. Output: ``steps.finish_sweep.Output``.
Errors: Throttled, ConcurrentChange, ServiceUnavailable, NotYetVisible, CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import finish_sweep

handler = entrypoint(finish_sweep)
