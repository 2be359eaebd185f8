"""Put the request in line for an account.

Trigger: state ``JoinCreationQueue`` of ``vend_account``.
Input: ``steps.join_creation_queue.Input``. Output: ``steps.join_creation_queue.Output``.
Errors: ConcurrentChange, RequestNotFound.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import join_creation_queue

handler = entrypoint(join_creation_queue)
