"""What stops a deployment before anything is created."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from avm_emulator.context import Emulator
from avm_emulator.deploy import DeployedStack, ResourceError, TemplateError, deploy
from avm_emulator.deploy.resources import TYPES, Created, New
from avm_emulator.engine import Options

SAM = "Transform: AWS::Serverless-2016-10-31\n"


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.managed_policies", "avm_emulator.functions", "avm_emulator.front")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture
def deployed(emulator: Emulator, tmp_path: Path) -> Any:
    def run(template: str, **options: Any) -> DeployedStack:
        (tmp_path / "template.yaml").write_text(template)
        return deploy(emulator, tmp_path / "template.yaml", artefacts=tmp_path, stack_name="checked", **options)

    return run


def problems_of(deployed: Any, emulator: Emulator, template: str, **options: Any) -> list[str]:
    before = len(list(emulator.calls))
    with pytest.raises(TemplateError) as raised:
        deployed(template, **options)
    assert len(list(emulator.calls)) == before, "nothing may be called for a template that is refused"
    assert all(problem in str(raised.value) for problem in raised.value.problems)
    return raised.value.problems


def test_unknown_types_are_all_named(deployed: Any, emulator: Emulator) -> None:
    template = "Resources: {A: {Type: AWS::EC2::Instance}, B: {Type: Custom::Thing}, Q: {Type: AWS::SQS::Queue}}"
    assert problems_of(deployed, emulator, template) == [
        "A: resource type AWS::EC2::Instance is not known here",
        "B: resource type Custom::Thing is not known here",
    ]


def test_unknown_properties_are_all_named_however_deep(deployed: Any, emulator: Emulator) -> None:
    template = """
Resources:
  Q: {Type: AWS::SQS::Queue, Properties: {Visibility: 30, VisibilityTimeout: 30}}
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: pk, KeyTyp: HASH}]
      SSESpecification: {SSEEnabled: true, KeyId: x}
      GlobalSecondaryIndexes: [{IndexName: i, Projection: {ProjectionType: ALL, Kind: x}}]
  R:
    Type: AWS::Events::Rule
    Properties: {EventPattern: {anything: [goes]}, Targets: [{Id: x, Arn: !GetAtt Q.Arn, RetryPolicy: {Attempts: 1}}]}
"""
    assert problems_of(deployed, emulator, template) == [
        "Q: property Visibility of AWS::SQS::Queue is not known here",
        "T: property KeySchema.KeyTyp of AWS::DynamoDB::Table is not known here",
        "T: property SSESpecification.KeyId of AWS::DynamoDB::Table is not known here",
        "T: property GlobalSecondaryIndexes.Projection.Kind of AWS::DynamoDB::Table is not known here",
        "R: property Targets.RetryPolicy.Attempts of AWS::Events::Rule is not known here",
    ]


def test_a_property_in_a_branch_not_taken_does_not_matter(deployed: Any) -> None:
    template = """
Conditions: {Never: !Equals [a, b]}
Resources:
  Q: {Type: AWS::SQS::Queue, Properties: {Unknown: !If [Never, 1, !Ref AWS::NoValue]}}
  R: {Type: AWS::EC2::Instance, Condition: Never}
"""
    with pytest.raises(TemplateError) as raised:
        deployed(template)
    # a type is refused in any case: the condition may hold next time
    assert raised.value.problems == ["R: resource type AWS::EC2::Instance is not known here"]


def test_unknown_sections_and_attributes_are_named(deployed: Any, emulator: Emulator) -> None:
    template = "Rules: {}\nResources: {Q: {Type: AWS::SQS::Queue, UpdatePolicy: {}}}"
    assert problems_of(deployed, emulator, template) == [
        "section Rules is not known here",
        "Q: attribute UpdatePolicy is not known here",
    ]


def test_references_to_nothing_and_circles_are_named(deployed: Any, emulator: Emulator) -> None:
    template = """
Resources:
  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nowhere}}
  B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt C.QueueName}}
  C: {Type: AWS::SQS::Queue, DependsOn: [B, Never, Typo]}
  Never: {Type: AWS::SQS::Queue, Condition: IsNever}
Conditions: {IsNever: !Equals [a, b]}
"""
    assert problems_of(deployed, emulator, template) == [
        "A: Nowhere is neither a parameter nor a resource that exists under these conditions",
        "C: DependsOn Typo: no such resource",
        "circular dependency: B -> C -> B",
    ]


def test_an_output_of_nothing_and_unknown_conditions_are_named(deployed: Any, emulator: Emulator) -> None:
    template = (
        "Resources: {Q: {Type: AWS::SQS::Queue}, R: {Type: AWS::SQS::Queue, Condition: Unknown}}\n"
        "Outputs: {X: {Value: !Ref Nowhere}, Y: {Value: !If [Missing, a, b]}}"
    )
    assert problems_of(deployed, emulator, template) == [
        "R: condition Unknown is not declared",
        "output X: Nowhere is neither a parameter nor a resource that exists under these conditions",
        "output Y: condition Missing is not declared",
    ]


def test_a_required_property_that_is_missing_is_named(deployed: Any) -> None:
    with pytest.raises(ResourceError, match=r"P \(AWS::SQS::QueuePolicy\) .*needs the property Queues"):
        deployed("Resources: {P: {Type: AWS::SQS::QueuePolicy, Properties: {PolicyDocument: {}}}}")


def test_wrong_parameters_are_named(deployed: Any, emulator: Emulator) -> None:
    template = "Parameters: {Days: {Type: Number, Default: 3}}\nResources: {Q: {Type: AWS::SQS::Queue}}"
    found = problems_of(deployed, emulator, template, parameters={"Days": "x", "Other": 1})
    assert found == [
        "parameter Other was given, but the template does not declare it",
        "parameter Days: 'x' is not a number",
    ]


def test_a_missing_artefact_and_definition_are_named_with_what_to_do(
    deployed: Any, emulator: Emulator, tmp_path: Path
) -> None:
    template = f"""{SAM}
Resources:
  F: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: src, Handler: app.handler, Runtime: python3.13}}}}
  M: {{Type: AWS::Serverless::StateMachine, Properties: {{DefinitionUri: m.asl.json}}}}
"""
    assert problems_of(deployed, emulator, template) == [
        f"F: {tmp_path}/F is missing; `make build-host` builds it",
        f"M: {tmp_path}/m.asl.json is missing",
    ]


def test_code_from_elsewhere_is_refused(deployed: Any, emulator: Emulator) -> None:
    template = f"""{SAM}
Resources:
  F: {{Type: AWS::Serverless::Function, Properties: {{InlineCode: "x", Handler: app.handler, Runtime: python3.13}}}}
  L: {{Type: AWS::Lambda::LayerVersion, Properties: {{Content: {{S3Bucket: b, S3Key: k}}}}}}
"""
    assert problems_of(deployed, emulator, template) == [
        "F: CodeUri names no folder; only built artefacts are known here",
        "L: Content names no folder; only built artefacts are known here",
    ]


def test_a_placeholder_without_a_substitution_is_named(deployed: Any, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "m.asl.json").write_text('{"StartAt": "${First}", "Comment": "${Second}"}')
    template = f"""{SAM}
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties: {{DefinitionUri: m.asl.json, DefinitionSubstitutions: {{First: A}}}}
"""
    assert problems_of(deployed, emulator, template) == [
        "M: the definition has ${Second}, which DefinitionSubstitutions does not give"
    ]


def test_what_sam_refuses_is_refused_in_its_words(deployed: Any, emulator: Emulator) -> None:
    template = f"{SAM}Resources: {{A: {{Type: AWS::Serverless::Api, Properties: {{Name: x}}}}}}"
    (problem,) = problems_of(deployed, emulator, template)
    assert "Resource with id [A] is invalid. Missing required property 'StageName'" in problem


@pytest.mark.parametrize(
    ("text", "problem"), [("Description: x", "no section Resources"), ("a: [", "while parsing"), ("", "no section")]
)
def test_a_file_that_is_no_template_is_refused(deployed: Any, emulator: Emulator, text: str, problem: str) -> None:
    (found,) = problems_of(deployed, emulator, text)
    assert problem in found


def test_an_api_with_what_the_front_does_not_know_is_refused(deployed: Any, emulator: Emulator) -> None:
    template = """
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: 3.0.1
        x-amazon-apigateway-api-key-source: HEADER
        paths: {/a: {get: {x-amazon-apigateway-integration: {type: http, uri: "http://x"}}}}
"""
    assert problems_of(deployed, emulator, template) == [
        "Api: Body: x-amazon-apigateway-api-key-source is not known here",
        "Api: Body: /a get: integration type http is not known here: only aws_proxy is",
    ]


def test_a_refused_call_names_resource_operation_and_request(deployed: Any) -> None:
    template = "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: 'not a name!'}}}"
    with pytest.raises(
        ResourceError, match=r"Q \(AWS::SQS::Queue\) was not created: .*CreateQueue.* \[request id [0-9a-f-]{36}\]"
    ):
        deployed(template)


def test_an_attribute_that_a_resource_has_not_is_an_error(deployed: Any) -> None:
    template = (
        "Resources: {A: {Type: AWS::SQS::Queue}, B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt A.Nam}}}"
    )
    with pytest.raises(ResourceError, match="A has no attribute Nam"):
        deployed(template)


def test_a_handler_that_forgets_a_property_is_found_out(deployed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(new: New) -> Created:
        return Created(new.name("QueueName"))

    known = TYPES["AWS::SQS::Queue"]
    monkeypatch.setitem(TYPES, "AWS::SQS::Queue", dataclasses.replace(known, create=forgetful))
    with pytest.raises(ResourceError, match="nothing was made of DelaySeconds, Tags"):
        deployed("Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q, Tags: [], DelaySeconds: 5}}}")
