"""Signatures: what API Gateway takes, and how it refuses the rest."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from avm_emulator.context import Emulator
from avm_emulator.deploy import deploy
from avm_emulator.engine import Options
from avm_emulator.front import sigv4
from tests.emulator.front_client import OWN, Client
from tests.emulator.outsiders import root_client

TEMPLATE = Path(__file__).with_name("test_front_template.yaml")
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}],
    }
)

CALL = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}}
)


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "functions", "front", "authorization")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def api(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Client:
    built = tmp_path_factory.mktemp("built")
    for name in ("EchoFunction", "CallerFunction"):
        (built / name).mkdir()
        (built / name / "app.py").write_text(
            "import json\ndef handler(event, context):\n    return {'body': json.dumps(event)}\n"
        )
    return Client(f"{deploy(emulator, TEMPLATE, artefacts=built, stack_name='signed').api_url}/v1")


@pytest.fixture(scope="module")
def session(emulator: Emulator) -> dict[str, Any]:
    iam = emulator.clients.client("iam")
    iam.create_role(RoleName="Operator", Path="/avm/", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="Operator", PolicyName="call", PolicyDocument=CALL)
    role_arn = "arn:aws:iam::123456789012:role/avm/Operator"
    answer: dict[str, Any] = emulator.clients.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="jane")
    return answer


def of(session: dict[str, Any]) -> Credentials:
    keys = session["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def identity(api: Client, credentials: Credentials) -> dict[str, Any]:
    found: dict[str, Any] = api.send("GET", "/requests", credentials=credentials).json["requestContext"]["identity"]
    return found


# -- who --------------------------------------------------------------------------------------------------------------
def test_a_session_is_known_by_its_arn_and_role_id(api: Client, session: dict[str, Any]) -> None:
    found = identity(api, of(session))
    assert found["userArn"] == "arn:aws:sts::123456789012:assumed-role/Operator/jane"
    assert found["caller"] == found["user"] == session["AssumedRoleUser"]["AssumedRoleId"]
    assert found["accessKey"] == session["Credentials"]["AccessKeyId"]
    assert found["accountId"] == "123456789012"


def test_a_user_is_known_by_its_arn_until_the_key_is_inactive(api: Client, emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    user = iam.create_user(UserName="ticketing")["User"]
    iam.put_user_policy(UserName="ticketing", PolicyName="call", PolicyDocument=CALL)
    key = iam.create_access_key(UserName="ticketing")["AccessKey"]
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    assert (identity(api, credentials)["userArn"], identity(api, credentials)["caller"]) == (
        user["Arn"],
        user["UserId"],
    )
    iam.update_access_key(UserName="ticketing", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert api.send("GET", "/requests", credentials=credentials).error[1] == "UnrecognizedClientException"


def test_the_emulators_own_key_is_the_root_of_the_management_account(api: Client) -> None:
    assert identity(api, OWN)["userArn"] == "arn:aws:iam::123456789012:root"


def test_callers_of_other_accounts_are_refused(api: Client, emulator: Emulator) -> None:
    keys = emulator.clients.credentials("arn:aws:iam::210987654321:role/Theirs", "mallory")
    credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    answer = api.send("GET", "/requests", credentials=credentials)
    api_id = api.url.split("/")[-2]
    assert answer.error[:2] == (403, "AccessDeniedException")
    assert answer.json == {
        "Message": "User: arn:aws:sts::210987654321:assumed-role/Theirs/mallory is not authorized to perform: "
        f"execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********9012:{api_id}/v1/GET/requests"
    }


def test_who_may_call_nothing_is_refused_until_a_policy_of_his_own_lets_him(api: Client, emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    iam.create_role(RoleName="Nobody", AssumeRolePolicyDocument=TRUST)
    keys = emulator.clients.credentials("arn:aws:iam::123456789012:role/Nobody", "jane")
    credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    refused = api.send("GET", "/requests", credentials=credentials)
    assert refused.error[:2] == (403, "AccessDeniedException")
    assert refused.error[2].startswith(
        "User: arn:aws:sts::123456789012:assumed-role/Nobody/jane is not authorized to perform: execute-api:Invoke on "
        "resource: arn:aws:execute-api:eu-west-1:********9012:"
    )
    iam.put_role_policy(RoleName="Nobody", PolicyName="call", PolicyDocument=CALL)
    assert api.send("GET", "/requests", credentials=credentials).status == 200


def test_a_resource_policy_lets_callers_of_another_account_in_and_keeps_everybody_out(
    api: Client, emulator: Emulator
) -> None:
    iam = root_client(emulator, "iam", account="222222222222")
    iam.create_role(RoleName="Ours", AssumeRolePolicyDocument=TRUST)
    keys = emulator.clients.credentials("arn:aws:iam::222222222222:role/Ours", "jane")
    credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    assert api.send("GET", "/requests", credentials=credentials).error[:2] == (403, "AccessDeniedException")
    iam.put_role_policy(RoleName="Ours", PolicyName="call", PolicyDocument=CALL)
    assert identity(api, credentials)["accountId"] == "222222222222"
    assert api.send("GET", "/requests/1", credentials=credentials).error[:2] == (403, "AccessDeniedException")
    assert api.send("GET", "/files/open").status == 200
    assert api.send("GET", "/files/closed").error[:2] == (403, "AccessDeniedException")


# -- what is taken ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/requests", "/requests/a%20b%2Fc", "/requests?b=2&a=1&a=0&empty=&s=a%20b%2B"])
def test_paths_and_queries_are_verified_as_they_were_sent(api: Client, path: str) -> None:
    assert api.send("GET", path).status == 200


def test_a_body_and_further_headers_may_be_signed(api: Client) -> None:
    assert api.send("POST", "/requests", b'{"a": "\xc3\xbc"}', headers={"X-Own": " a   b "}).status == 200


def test_a_presigned_url_is_taken(api: Client, session: dict[str, Any]) -> None:
    event = api.send("GET", "/requests?status=READY", credentials=of(session), presign=60).json
    assert event["requestContext"]["identity"]["userArn"].endswith("assumed-role/Operator/jane")


# -- what is refused --------------------------------------------------------------------------------------------------
MISMATCH = "The request signature we calculated does not match the signature you provided."


def refusal(api: Client, **options: Any) -> tuple[int, str | None, str]:
    return api.send("POST", "/requests", b"{}", **options).error


def changed(**headers: str) -> Any:
    def tamper(request: AWSRequest) -> None:
        for name, value in headers.items():
            del request.headers[name.replace("_", "-")]
            request.headers[name.replace("_", "-")] = value

    return tamper


def replaced(old: str, new: str) -> Any:
    def tamper(request: AWSRequest) -> None:
        value = request.headers["Authorization"]
        assert old in value
        request.headers.replace_header("Authorization", value.replace(old, new))

    return tamper


def other_body(request: AWSRequest) -> None:
    request.data = b"[]"


def other_path(request: AWSRequest) -> None:
    request.url = f"{request.url}?a=b"


@pytest.mark.parametrize(
    "tamper", [other_body, other_path, changed(X_Own="b"), replaced("Signature=", "Signature=0")], ids=range(4)
)
def test_whatever_is_changed_after_signing_is_noticed(api: Client, tamper: Any) -> None:
    status, code, message = refusal(api, headers={"X-Own": "a"}, tamper=tamper)
    assert (status, code) == (403, "InvalidSignatureException")
    assert message.startswith(MISMATCH)
    assert "The Canonical String for this request should have been\n'POST\n" in message


def test_a_wrong_secret_is_a_wrong_signature(api: Client, session: dict[str, Any]) -> None:
    right = of(session)
    wrong = Credentials(right.access_key, "wrong", right.token)
    assert refusal(api, credentials=wrong)[2].startswith(MISMATCH)


def test_a_changed_presigned_url_is_noticed(api: Client) -> None:
    def more(request: AWSRequest) -> None:
        request.url = f"{request.url}&a=b"

    assert api.send("GET", "/requests", presign=60, tamper=more).error[:2] == (403, "InvalidSignatureException")


@pytest.mark.parametrize("token", ["another", None])
def test_a_session_needs_its_own_token(api: Client, session: dict[str, Any], token: str | None) -> None:
    right = of(session)
    found = refusal(api, credentials=Credentials(right.access_key, right.secret_key, token))
    assert found == (403, "UnrecognizedClientException", "The security token included in the request is invalid.")


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "nonsense"])
def test_a_key_that_nobody_issued_is_unknown(api: Client, key: str) -> None:
    assert refusal(api, credentials=Credentials(key, "x"))[:2] == (403, "UnrecognizedClientException")


def test_a_session_ends(api: Client, session: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + 3601
    monkeypatch.setattr(sigv4, "time", type("Time", (), {"time": staticmethod(lambda: later)}))
    found = refusal(api, credentials=of(session))
    assert found == (403, "ExpiredTokenException", "The security token included in the request is expired")


def test_the_scope_names_this_service_and_region(api: Client) -> None:
    assert refusal(api, service="apigateway")[1:] == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'execute-api'. ",
    )
    assert refusal(api, region="us-east-1")[1:] == (
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'us-east-1'. ",
    )


@pytest.mark.parametrize(
    ("minutes", "message"),
    [(-6, r"Signature expired: \d{8}T\d{6}Z is now earlier than .* - 5 min.\)"), (6, "Signature not yet current: .*")],
)
def test_a_signature_holds_for_five_minutes_of_real_time(
    api: Client, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, minutes: int, message: str
) -> None:
    emulator.clock.advance(3600)
    assert api.send("GET", "/requests").status == 200
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: moment.replace(tzinfo=None))
    status, code, found = refusal(api)
    assert (status, code) == (403, "InvalidSignatureException")
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(found)


def test_a_presigned_url_ends(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime.now(UTC) - timedelta(seconds=90)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: moment.replace(tzinfo=None))
    assert api.send("GET", "/requests", presign=600).status == 200
    assert api.send("GET", "/requests", presign=60).error[2].startswith("Signature expired")


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("Bearer token", "Authorization header requires the algorithm AWS4-HMAC-SHA256."),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request", "Authorization header requires 'Signature' parameter."),
        (
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x",
            "Credential must have exactly 5 slash-delimited elements",
        ),
    ],
)
def test_an_incomplete_header_says_what_it_lacks(api: Client, authorization: str, message: str) -> None:
    status, code, found = refusal(
        api, credentials=None, headers={"Authorization": authorization, "X-Amz-Date": "20260101T000000Z"}
    )
    assert (status, code) == (403, "IncompleteSignatureException")
    assert message in found


def test_the_host_must_be_signed(api: Client) -> None:
    found = refusal(api, tamper=replaced("host;", ""))
    assert found[1:] == (
        "InvalidSignatureException",
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
