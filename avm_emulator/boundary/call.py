"""One AWS call as interceptors see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from avm_emulator.boundary.identity import Principal
from avm_emulator.boundary.protocol import serialize
from avm_emulator.clients import ACCESS_KEY_ID
from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from moto.core.model import OperationModel


@dataclass(frozen=True)
class Call:
    """What is asked, by whom, when."""

    service: str
    """boto3 client name: ``sso-admin``, ``stepfunctions``, ``events``."""
    operation: str
    """API name: ``CreateAccount``."""
    parameters: dict[str, Any]
    """Parsed by botocore's model, named as boto3 names them."""
    principal: Principal
    region: str
    access_key: str | None
    source: str
    request_id: str
    time: float
    """When it arrived: AWS epoch seconds."""
    mutating: bool
    own: bool
    protocol: str = field(repr=False)
    model: OperationModel = field(repr=False)
    environ: WSGIEnvironment = field(repr=False)
    """The request, its body unread."""
    faults: list[str] = field(default_factory=list, repr=False)
    """The fault that was injected into it, if any; filled while it is answered."""

    @property
    def account(self) -> str:
        """Return the caller's account."""
        return self.principal.account

    @property
    def is_internal(self) -> bool:
        """Whether the emulator's own key signed it: preparation, deployer, services that assume a role."""
        return self.access_key == ACCESS_KEY_ID

    def answer(self, result: dict[str, Any] | AwsError) -> Response:
        """Return the response that tells the caller a result (in the form of boto3's answers) or an error."""
        return serialize(result, self.model, self.protocol, self.request_id)
