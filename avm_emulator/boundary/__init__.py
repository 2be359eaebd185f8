"""The one place that every AWS call passes: what it is, who makes it, what answers it, and its record.

``Boundary`` is the whole of it; ``Call`` is what interceptors get.
"""

from avm_emulator.boundary.call import Call
from avm_emulator.boundary.identity import Principal
from avm_emulator.boundary.middleware import Boundary, Interceptor, Wrapper

__all__ = ["Boundary", "Call", "Interceptor", "Principal", "Wrapper"]
