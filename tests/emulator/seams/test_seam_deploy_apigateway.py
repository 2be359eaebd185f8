"""What moto's API Gateway, Lambda and STS keep, and how they are asked: the ground under the deployer and the front."""

from __future__ import annotations

import datetime as dt
import inspect
from typing import Any

import pytest
from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends
from moto.apigateway.responses import APIGatewayResponse
from moto.awslambda.models import LambdaBackend, LambdaStorage
from moto.sts.models import STSBackend, sts_backends

from avm_emulator.errors import AwsError
from avm_emulator.front import rest_apis

ACCOUNT, REGION = "123456789012", "eu-west-1"
URI = (
    f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f:live/invocations"
)


@pytest.fixture
def backend() -> APIGatewayBackend:
    rest_apis.install()
    rest_apis.install()  # once is enough
    return apigateway_backends[ACCOUNT][REGION]


@pytest.fixture
def api(backend: APIGatewayBackend) -> RestAPI:
    return backend.create_rest_api("seam", "")


def document(method: str, **integration: Any) -> dict[str, Any]:
    full = {"type": "aws_proxy", "httpMethod": "POST", "uri": URI, **integration}
    return {
        "swagger": "2.0",
        "securityDefinitions": {"AWS_IAM": {"x-amazon-apigateway-authtype": "awsSigv4"}},
        "x-amazon-apigateway-binary-media-types": ["image/png"],
        "paths": {"/a/{b+}": {method: {"security": [{"AWS_IAM": []}], "x-amazon-apigateway-integration": full}}},
    }


def test_moto_hands_a_document_to_put_rest_api_by_these_names() -> None:
    source = inspect.getsource(APIGatewayResponse.put_rest_api)
    assert "self.backend.put_rest_api(\n            function_id, api_doc, mode=mode, fail_on_warnings=" in source


def test_an_import_keeps_any_method_security_credentials_and_binary_types(
    backend: APIGatewayBackend, api: RestAPI
) -> None:
    imported = document("x-amazon-apigateway-any-method", credentials="arn:aws:iam::*:user/*", timeoutInMillis=5000)
    backend.put_rest_api(api.id, imported, fail_on_warnings=False, mode="overwrite")
    found = {resource.get_path(): resource for resource in api.resources.values()}
    assert list(found) == ["/", "/a", "/a/{b+}"]
    method = found["/a/{b+}"].resource_methods["ANY"]
    assert method.to_json()["authorizationType"] == "AWS_IAM"
    assert method.method_integration.credentials == "arn:aws:iam::*:user/*"
    assert api.to_dict()["binaryMediaTypes"] == ["image/png"]
    backend.create_deployment(api.id, "")
    (deployed,) = [deployment.deployed for deployment in api.deployments.values()]
    assert [(one.http_method, one.function_arn, one.timeout) for one in deployed.methods] == [
        ("ANY", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f:live", 5.0)
    ]


def test_an_import_adds_to_what_is_there_or_replaces_it(backend: APIGatewayBackend, api: RestAPI) -> None:
    backend.put_rest_api(api.id, document("get"), fail_on_warnings=False)
    backend.put_rest_api(api.id, document("put"), fail_on_warnings=False, mode="merge")
    assert [set(one.resource_methods) for one in api.resources.values()] == [set(), set(), {"GET", "PUT"}]
    backend.put_rest_api(api.id, document("post"), fail_on_warnings=False, mode="overwrite")
    assert [set(one.resource_methods) for one in api.resources.values()] == [set(), set(), {"POST"}]


def test_a_document_with_something_unknown_is_a_bad_request(backend: APIGatewayBackend, api: RestAPI) -> None:
    with pytest.raises(AwsError, match="integration type http is not known here"):
        backend.put_rest_api(api.id, document("get", type="http"), fail_on_warnings=False)


def test_what_the_front_cannot_serve_is_not_deployed(backend: APIGatewayBackend, api: RestAPI) -> None:
    api.default.add_method("GET", "NONE", api_key_required=False)
    api.default.add_integration("GET", "HTTP", "http://example.com", integration_method="GET")
    with pytest.raises(AwsError, match="only Lambda proxy integrations are served"):
        backend.create_deployment(api.id, "")


def test_apis_are_found_wherever_they_are(backend: APIGatewayBackend) -> None:
    other: Any = apigateway_backends["210987654321"]["us-east-1"].create_rest_api("elsewhere", "")
    assert (other.account_id, other.region_name) == ("210987654321", "us-east-1")
    assert rest_apis.find_api(other.id) is other
    assert rest_apis.find_api("nosuchapi0") is None


def test_versions_share_the_policy_of_their_function() -> None:
    # AddPermission with a qualifier goes to the version; GetPolicy and the front ask the function or the version
    assert "copy.copy(" in inspect.getsource(LambdaStorage.publish_version)
    assert list(inspect.signature(LambdaBackend.get_function).parameters)[1:] == ["function_name_or_arn", "qualifier"]


def test_sessions_hold_key_token_and_a_real_expiry() -> None:
    STSBackend("aws", ACCOUNT).assume_role(
        region_name=REGION,
        role_session_name="session",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/r",
        policy="",
        duration=900,
        external_id="",
    )
    session = sts_backends[ACCOUNT]["aws"].assumed_roles[-1]
    assert session.access_key.secret_access_key == session.secret_access_key
    assert session.access_key.status == "Active"
    left = session.expiration.replace(tzinfo=dt.UTC) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(seconds=890) < left <= dt.timedelta(seconds=900)
