"""ParseParameters."""

import pytest

from avm.domain.errors import CatalogInvalid, InvalidRequest
from avm.domain.product import parameters_of, request_of
from avm.domain.request_rules import parse_request
from avm.steps.parse_parameters import Input, run
from tests.unit.steps.conftest import World

ASKED = {
    "artifact": {"path": "S3://sc-x/out/y", "type": "AWS_S3"},
    "launchRoleArn": "arn:aws:iam::123456789012:role/avm-service-catalog/avm-launch",
}


class Artifacts:
    """An artifact."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, path: str, launch_role_arn: str) -> str:
        assert {path, launch_role_arn} == {ASKED["artifact"]["path"], ASKED["launchRoleArn"]}  # type: ignore[index]
        return self.text


def asked_of(world: World, artifact: str) -> dict[str, dict[str, str]]:
    world.gateways.product_artifacts = Artifacts(artifact)  # type: ignore[assignment]
    answer = run(Input.model_validate(ASKED), world.gateways).model_dump(mode="json")
    return {each["key"]: each for each in answer["parameters"]}


def test_a_form_says_what_the_account_type_allows(world: World) -> None:
    asked = asked_of(world, '{"account_type": "sandbox"}')
    assert world.catalog.organization.cost_center_pattern in asked["cost_center"]["description"]
    assert "AdministratorAccess" in asked["access"]["description"]
    assert all(region in asked["regions"]["description"] for region in world.catalog.organization.allowed_regions)
    assert {key for key, each in asked.items() if "defaultValue" not in each} == {
        *("name", "owner", "cost_center", "purpose")
    }
    assert {each["type"] for each in asked.values()} == {"string"}


@pytest.mark.parametrize("artifact", ["", "{}", '{"account_type": "sandbox", "more": 1}'])
def test_a_product_that_is_not_ours_has_no_form(world: World, artifact: str) -> None:
    with pytest.raises(InvalidRequest):
        asked_of(world, artifact)


def test_a_type_that_the_catalog_has_no_more_is_told(world: World) -> None:
    with pytest.raises(CatalogInvalid, match="castle"):
        asked_of(world, '{"account_type": "castle"}')


def test_every_parameter_is_read_and_every_one_that_is_read_is_asked_for(world: World) -> None:
    answers = {
        "name": "a",
        "owner": "jane.doe@example.com",
        "cost_center": "CC-1042",
        "purpose": "x",
        "email": "aws-a@example.com",
        "regions": "eu-west-1, eu-central-1",
        "access": "payments-developers=DeveloperAccess, jane.doe@example.com=ReadOnlyAccess",
        "budget": "750",
        "tags": "team=payments, stage = dev",
    }
    assert {each.key for each in parameters_of(world.catalog, "development")} == set(answers)
    body, problems = request_of(answers, "development")
    assert problems == []
    request = parse_request(body, world.catalog)
    assert request.regions == ("eu-west-1", "eu-central-1")
    assert [(each.group, each.user) for each in request.access] == [
        ("payments-developers", None),
        (None, "jane.doe@example.com"),
    ]
    assert request.budget
    assert (request.budget.monthly_usd, request.tags) == (750, {"team": "payments", "stage": "dev"})
