"""Deploy a template into the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from avm_emulator.context import Emulator
from avm_emulator.deploy import checks
from avm_emulator.deploy.errors import ResourceError, TemplateError
from avm_emulator.deploy.package import package
from avm_emulator.deploy.parameters import parameter_values
from avm_emulator.deploy.resolver import ResolveError, Resolver
from avm_emulator.deploy.resources import TYPES, Created, New
from avm_emulator.deploy.stack import Stack

_REPOSITORY = Path(__file__).parents[2]
_ACCESS_ROLE = "OrganizationAccountAccessRole"


@dataclass(frozen=True)
class DeployedStack:
    """What a deployment made."""

    name: str
    account_id: str
    region: str
    stack_id: str
    parameters: dict[str, Any]
    """Values by name, defaults included."""
    outputs: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    """Physical id (what ``Ref`` returns) by logical id."""
    arns: dict[str, str] = field(default_factory=dict)
    """ARN by logical id, for resources that have one."""
    api_url: str | None = None
    """URL of the stack's REST API, without the stage; None if it has none."""
    without_effect: list[tuple[str, str, str]] = field(default_factory=list)
    """(logical id, property, reason) of what was accepted although nothing follows from it here."""


def deploy(
    emulator: Emulator,
    template_path: Path | None = None,
    *,
    artefacts: Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    stack_name: str = "avm",
    account_id: str | None = None,
    region: str | None = None,
    role_arn: str | None = None,
) -> DeployedStack:
    """Create every resource of a SAM or CloudFormation template by plain API calls.

    Args:
        emulator: where to.
        template_path: default: this repository's ``template.yaml``.
        artefacts: folder with one built folder per function and layer; default: ``.build/host`` of this repository.
        parameters: overrides of the template's parameters.
        stack_name: prefix of the physical names, value of ``AWS::StackName``.
        account_id: default: the management account.
        region: default: the emulator's.
        role_arn: who creates; default: the emulator itself, in another account the organization's access role there.

    Raises:
        TemplateError: the template or its parameters are wrong, or name something that is not known here; nothing has
            been created.
        ResourceError: a call was refused.

    """
    account_id = account_id or emulator.management_account_id
    if role_arn is None and account_id != emulator.management_account_id:
        role_arn = access_role(account_id)
    template_path = template_path or _REPOSITORY / "template.yaml"
    region = region or emulator.region
    ready = package(template_path, artefacts or _REPOSITORY / ".build" / "host", parameters or {}, region)
    stack = Stack(emulator, stack_name, account_id, region, role_arn, ready.artefacts)
    deployed = _Deployment(stack, str(template_path), ready.template, parameters or {}).run()
    emulator.api_url = deployed.api_url or emulator.api_url
    return deployed


def access_role(account_id: str) -> str:
    """Return the ARN of the role by which the organization works in an account that it has made."""
    return f"arn:aws:iam::{account_id}:role/{_ACCESS_ROLE}"


class _Deployment:
    """One run: check everything, then create in order."""

    def __init__(self, stack: Stack, source: str, template: dict[str, Any], given: Mapping[str, Any]) -> None:
        self._stack = stack
        self._source = source
        self._template = template
        self._given = given
        self._made: dict[str, Created] = {}

    def run(self) -> DeployedStack:
        values, problems = parameter_values(self._template.get("Parameters", {}), self._given)
        problems += checks.template_problems(self._template)
        if problems:
            raise TemplateError(self._source, problems)
        resolver = Resolver(self._template, {**values, **self._stack.pseudo_parameters()})
        resources, outputs, problems = checks.chosen(self._template, resolver)
        order, lost = checks.creation_order(resources, resolver)
        problems += lost
        for logical_id, resource in resources.items():
            problems += checks.property_problems(logical_id, resource, self._stack.shape)
        if problems:
            raise TemplateError(self._source, problems)
        for logical_id in order:
            self._create(logical_id, resources[logical_id], resolver)
        return DeployedStack(
            name=self._stack.name,
            account_id=self._stack.account_id,
            region=self._stack.region,
            stack_id=self._stack.stack_id,
            parameters=values,
            outputs={name: resolver.resolve(value, self._lookup) for name, value in outputs.items()},
            resources={logical_id: made.physical_id for logical_id, made in self._made.items()},
            arns={
                logical_id: arn
                for logical_id, made in self._made.items()
                for arn in [made.attributes.get("Arn", made.physical_id)]
                if str(arn).startswith("arn:")
            },
            api_url=self._api_url(resources),
            without_effect=[
                ignored
                for logical_id, resource in resources.items()
                for ignored in checks.ignored_properties(logical_id, resource)
            ],
        )

    def _create(self, logical_id: str, resource: Mapping[str, Any], resolver: Resolver) -> None:
        kind = TYPES[resource["Type"]]
        known = {name: value for name, value in resource["Properties"].items() if name in kind.properties}
        try:
            new = New(self._stack, logical_id, resolver.resolve(known, self._lookup))
            made = kind.create(new)
            if new.unused:
                raise RuntimeError(f"nothing was made of {', '.join(new.unused)}")  # noqa: TRY301  one way out for all
        except (ClientError, BotoCoreError, ResolveError, RuntimeError) as error:
            raise ResourceError(logical_id, kind.name, error) from error
        self._made[logical_id] = made
        if kind.own:
            self._stack.emulator.own_resources.update((made.physical_id, *made.names))

    def _lookup(self, logical_id: str, attribute: str | None) -> Any:
        made = self._made[logical_id]
        if attribute is None:
            return made.physical_id
        if attribute not in made.attributes:
            message = f"{logical_id} has no attribute {attribute}"
            raise ResolveError(message)
        return made.attributes[attribute]

    def _api_url(self, resources: Mapping[str, Any]) -> str | None:
        endpoint = self._stack.emulator.endpoint_url
        for logical_id, resource in resources.items():
            if resource["Type"] == "AWS::ApiGateway::RestApi":
                return f"{endpoint}/_aws/execute-api/{self._made[logical_id].physical_id}"
        return None
