"""Operations of an AWS service as plain functions, in place of methods of a moto response class.

``move_account(organization, *, account_id, source_parent_id, ...)`` takes the members of the operation's input under
their Python names and returns the answer in the form of boto3's, or None where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import botocore.session
from botocore import xform_name
from botocore.model import ServiceModel
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from avm_emulator.errors import AwsError

OperationFunction = Callable[..., dict[str, Any] | None]


class ServiceFront(BaseResponse):
    """A moto response class whose operations are functions; ``run`` of the subclass calls one of them."""

    model: ClassVar[ServiceModel]

    def run(self, function: OperationFunction, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Call ``function`` with the state that the caller may see, and ``arguments``."""
        raise NotImplementedError

    def missing(self, names: list[str]) -> AwsError:
        """Return the error for required members that are not given."""
        return AwsError("ValidationException", f"Missing required parameters: {', '.join(names)}.")

    def answer(self, function: OperationFunction) -> ActionResult:
        """Answer the present call by ``function``."""
        shape = self.model.operation_model(self._get_action()).input_shape
        if shape is None:
            return ActionResult(self.run(function, {}) or {})
        given = {name: value for name, value in self.params.items() if name in shape.members}
        if absent := [name for name in shape.required_members if name not in given]:
            raise self.missing(absent)
        return ActionResult(self.run(function, {xform_name(name): value for name, value in given.items()}) or {})


def serve(front: type[ServiceFront], service: str, functions: Iterable[OperationFunction]) -> None:
    """Make ``front`` answer the operations of ``service`` (boto3 name) that have the functions' names.

    Raises:
        LookupError: a function is named like no operation of botocore's model.
    """
    front.model = botocore.session.get_session().get_service_model(service)
    # moto finds the method of an operation by this spelling of its name.
    operations = {camelcase_to_underscores(name) for name in front.model.operation_names}
    for function in functions:
        name = function.__name__
        if name not in operations:
            message = f"{service} has no operation {name}"
            raise LookupError(message)
        setattr(front, name, _method(function))


def _method(function: OperationFunction) -> Callable[[ServiceFront], ActionResult]:
    def method(self: ServiceFront) -> ActionResult:
        return self.answer(function)

    return method
