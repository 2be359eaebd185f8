"""What Service Catalog knows: portfolios and products, who may launch them, and what was launched."""

from __future__ import annotations

import base64
import hashlib
import itertools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.cloudformation.state import Stack
    from avm_emulator.context import Emulator

Place = tuple[str, str]
"""Account and Region."""


EXTERNAL = "EXTERNAL"
TEMPLATE = "CLOUD_FORMATION_TEMPLATE"
LAUNCHED: Mapping[str, str] = {EXTERNAL: EXTERNAL, TEMPLATE: "CFN_STACK"}
"""Type of a product -> type of what is launched."""


@dataclass
class Product:
    """A product with its one artifact."""

    place: Place
    id: str
    name: str
    owner: str
    description: str
    support_email: str | None
    created_at: float
    artifact_id: str
    artifact_name: str
    artifact_path: str
    kind: str
    """EXTERNAL or CLOUD_FORMATION_TEMPLATE."""
    """Where Service Catalog keeps its own copy: ``S3://BUCKET/KEY``."""

    @property
    def view(self) -> dict[str, Any]:
        """Return the shape ``ProductViewSummary``."""
        view = {
            "Id": f"prodview-{self.id.removeprefix('prod-')}",
            "ProductId": self.id,
            "Name": self.name,
            "Owner": self.owner,
            "ShortDescription": self.description,
            "Type": self.kind,
            "HasDefaultPath": False,
        }
        return view if self.support_email is None else {**view, "SupportEmail": self.support_email}


@dataclass
class Portfolio:
    """A portfolio: products, who may launch them, and each product's launch role."""

    place: Place
    id: str
    name: str
    path_id: str
    principals: set[str] = field(default_factory=set)
    """ARNs, and patterns of ARNs without an account."""
    products: set[str] = field(default_factory=set)
    launch_roles: dict[str, str] = field(default_factory=dict)
    """By product."""

    def admits(self, call: Call) -> bool:
        """Say whether the caller may launch what is in it."""
        arn = call.principal.role_arn or call.principal.arn
        anywhere = arn.replace(f"::{call.account}:", ":::")
        return any(fnmatchcase(arn, known) or fnmatchcase(anywhere, known) for known in self.principals)


@dataclass
class Provisioned:
    """A provisioned product."""

    place: Place
    id: str
    name: str
    product_id: str
    artifact_id: str
    launch_role: str
    kind: str
    """EXTERNAL or CFN_STACK."""
    created_at: float
    token: str
    status: str = "UNDER_CHANGE"
    status_message: str | None = None
    stable: str = "ERROR"
    """What it is again when an update or a termination of it has failed."""
    outputs: list[dict[str, str]] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    last_success: str | None = None
    stack: Stack | None = None
    """Of a product that is a template, once CloudFormation has begun it."""

    def taint(self) -> None:
        """Be as good as before, when a change has failed."""
        self.status = "TAINTED" if self.stable == "AVAILABLE" else self.stable


@dataclass
class Record:
    """One operation on a provisioned product."""

    id: str
    kind: str
    """PROVISION_PRODUCT, UPDATE_PROVISIONED_PRODUCT, TERMINATE_PROVISIONED_PRODUCT."""
    provisioned: Provisioned
    path_id: str | None
    token: str
    """The caller's: the same again is the same record."""
    workflow_token: str
    created_at: float
    updated_at: float
    ignores_errors: bool = False
    status: str = "CREATED"
    errors: list[dict[str, str]] = field(default_factory=list)
    result: dict[str, Any] | None = None
    """What the engine has told, without the token."""

    def detail(self) -> dict[str, Any]:
        """Return the shape ``RecordDetail``."""
        detail = {
            "RecordId": self.id,
            "ProvisionedProductName": self.provisioned.name,
            "Status": self.status,
            "CreatedTime": self.created_at,
            "UpdatedTime": self.updated_at,
            "ProvisionedProductType": self.provisioned.kind,
            "RecordType": self.kind,
            "ProvisionedProductId": self.provisioned.id,
            "ProductId": self.provisioned.product_id,
            "ProvisioningArtifactId": self.provisioned.artifact_id,
            "RecordErrors": self.errors,
            "RecordTags": [],
            "LaunchRoleArn": self.provisioned.launch_role,
        }
        return detail if self.path_id is None else {**detail, "PathId": self.path_id}

    def fail(self, reason: str, now: float) -> None:
        """End the record as failed; what was launched says why, too."""
        self.status, self.updated_at = "FAILED", now
        self.provisioned.status_message = reason
        code = "EngineWorkflowFailed" if self.provisioned.kind == EXTERNAL else "StackFailed"
        self.errors = [{"Code": code, "Description": reason}]


class ServiceCatalog:
    """Service Catalog of one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin with nothing."""
        self.emulator = emulator
        self.lock = threading.RLock()
        self.portfolios: dict[str, Portfolio] = {}
        self.products: dict[str, Product] = {}
        self.provisioned: dict[str, Provisioned] = {}
        self.records: dict[str, Record] = {}
        self._numbers = itertools.count(1)

    def settle(self, call: Call) -> None:
        """Do nothing: what is completed later is completed by an engine."""

    def new_id(self, prefix: str) -> str:
        """Return an id in AWS's form, the same in each run."""
        digest = hashlib.sha256(f"{prefix}{next(self._numbers)}".encode()).digest()
        return f"{prefix}-{base64.b32encode(digest).decode().lower()[:13]}"

    def portfolio(self, call: Call, portfolio_id: str) -> Portfolio:
        """Return a portfolio of the caller's account; raise ResourceNotFoundException."""
        found = self.portfolios.get(portfolio_id)
        if found is None or found.place != place_of(call):
            raise missing("Portfolio", portfolio_id)
        return found

    def product(self, call: Call, product_id: str) -> Product:
        """Return a product of the caller's account; raise ResourceNotFoundException."""
        found = self.products.get(product_id)
        if found is None or found.place != place_of(call):
            raise missing("Product", product_id)
        return found

    def paths(self, call: Call, product: Product) -> Iterator[Portfolio]:
        """Yield the portfolios by which the caller may launch a product."""
        here = place_of(call)
        return (
            each
            for each in self.portfolios.values()
            if each.place == here and product.id in each.products and each.admits(call)
        )

    def find_provisioned(self, call: Call, wanted_id: str | None, name: str | None) -> Provisioned:
        """Return a provisioned product by id or name; raise ResourceNotFoundException."""
        here = place_of(call)
        held = (each for each in self.provisioned.values() if each.place == here)
        found = next((each for each in held if each.id == wanted_id or (not wanted_id and each.name == name)), None)
        if found is None:
            raise missing("Provisioned product", str(wanted_id or name))
        return found


def place_of(call: Call) -> Place:
    """Return where a call is made."""
    return call.account, call.region


def missing(kind: str, name: str) -> AwsError:
    """Return the error for what is not there (AWS documents no sentence)."""
    return AwsError("ResourceNotFoundException", f"{kind} {name} not found.")


def invalid(sentence: str) -> AwsError:
    """Return the error for input that Service Catalog does not take."""
    return AwsError("InvalidParametersException", sentence)
