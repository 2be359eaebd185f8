"""Take stacks of Service Catalog's products as requests.

Trigger: CloudFormation, for the custom resource of a product's template (asynchronously: what fails is tried again
twice, and then a dead letter). Input: ``steps.take_stack.Input``. Output: ``steps.take_stack.Output``; the answer
itself is put to the address in the input.
Errors: Transient, NeedsOperator; what is refused is told in the answer.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import take_stack

handler = entrypoint(take_stack)
