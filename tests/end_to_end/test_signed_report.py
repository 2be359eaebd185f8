"""Every report is signed, by the machine alone, and whoever has the public key sees whether it was changed since."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.members import inside
from tests.end_to_end.conftest import Avm, Machine

pytestmark = pytest.mark.timeout(900)  # real seconds, on a busy machine

SIGNERS = ("VerifyAccountFunction", "SweepAccountsFunction")


@pytest.fixture(scope="module")
def account_id(machine: Machine) -> str:
    """Return an account that a vend has made ready."""
    machine.sweep_by_schedule(on=False)
    request = machine.vend("signed")
    assert request["status"] == "READY", json.dumps(request["errors"])
    return str(request["account_id"])


def archived(machine: Machine, account_id: str) -> dict[str, bytes]:
    """Return what the log archive keeps of an account, and the public keys: by key."""
    organizations = machine.client("organizations")
    (owner,) = (each["Id"] for each in organizations.list_accounts()["Accounts"] if each["Name"] == "log-archive")
    s3, bucket = inside(machine.emulator, "s3", owner), f"avm-reports-{owner}-eu-west-1"
    return {
        each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        for prefix in (f"accounts/{account_id}/", "keys/")
        for each in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    }


def signed(machine: Machine, account_id: str, run: str | None = None) -> dict[str, Any]:
    query = f"?observation_id={run}" if run else ""
    answer = machine.call("GET", f"/accounts/{account_id}/signed-report{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_report_of_a_vend_is_signed_and_shown_only_so(machine: Machine, account_id: str, avm: Avm) -> None:
    result = avm("report", account_id, "--verify", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == machine.call("GET", f"/accounts/{account_id}/report").json()
    answer = signed(machine, account_id)
    assert json.loads(answer["report"]) == json.loads(result.stdout)
    assert answer["signature"]["digest"] == hashlib.sha256(answer["report"].encode()).hexdigest()


def test_what_is_saved_is_verified_offline_and_one_changed_byte_is_not(
    account_id: str, avm: Avm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert avm("report", account_id, "--save", str(tmp_path)).exit_code == 0
    monkeypatch.setenv("AVM_API_URL", "http://127.0.0.1:9")
    file = tmp_path / f"{account_id}.json"
    assert avm("report", account_id, "--from", str(file)).exit_code == 0
    whole = file.read_bytes()
    for at in range(0, len(whole), len(whole) // 10):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        result = avm("report", account_id, "--from", str(file))
        assert (result.exit_code, result.stdout) == (1, ""), at


def test_the_log_archive_has_report_signature_page_and_key(
    machine: Machine, account_id: str, avm: Avm, tmp_path: Path
) -> None:
    kept = archived(machine, account_id)
    answer = signed(machine, account_id)
    stem = f"accounts/{account_id}/{answer['observation_id']}/{answer['signature']['digest']}"
    assert kept[f"{stem}.json"].decode() == answer["report"]
    assert json.loads(kept[f"{stem}.sig.json"])["digest"] == answer["signature"]["digest"]
    for key, content in kept.items():
        (tmp_path / Path(key).name).write_bytes(content)
    file = tmp_path / Path(f"{stem}.json").name
    result = avm("report", account_id, "--from", str(file), "--html", str(tmp_path / "page.html"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "page.html").read_bytes() == kept[f"{stem}.html"]


def test_the_page_has_every_control_in_every_place(account_id: str, avm: Avm, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = avm("report", account_id, "--html", str(page), "--json")
    rows = json.loads(result.stdout)["controls"]
    found = re.findall(r"<tr><td>([^<]+)</td><td>([^<]+)</td><td><span[^>]*>([^<]+)</span>", page.read_text("utf-8"))
    assert found == [(row["control"], row["scope"], row["status"]) for row in rows]
    assert len(found) > 10


def test_observations_repairs_and_sweeps_sign_too(machine: Machine, account_id: str, avm: Avm, tmp_path: Path) -> None:
    runs = [
        machine.call("POST", f"/accounts/{account_id}/observations", {}).json()["observation_id"],
        machine.call("POST", f"/accounts/{account_id}/repair", {"controls": []}).json()["observation_id"],
        machine.call("POST", "/sweeps").json()["observation_id"],
    ]
    machine.settle_now()
    kept = archived(machine, account_id)
    for run in runs:
        answer = signed(machine, account_id, run)
        assert json.loads(answer["report"])["observation_id"] == run
        stem = f"accounts/{account_id}/{run}/{answer['signature']['digest']}"
        assert kept[f"{stem}.json"].decode() == answer["report"]
        for key in (f"{stem}.json", f"{stem}.sig.json", *(key for key in kept if key.startswith("keys/"))):
            (tmp_path / Path(key).name).write_bytes(kept[key])
        assert avm("report", account_id, "--from", str(tmp_path / Path(stem).with_suffix(".json").name)).exit_code == 0


def test_whoever_keeps_no_reports_signs_nothing_not_even_an_administrator(machine: Machine, account_id: str) -> None:
    key = signed(machine, account_id)["signature"]["key_id"]
    digest = hashlib.sha256(b"forged").digest()
    given = {"KeyId": key, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}
    with pytest.raises(ClientError, match=r"AccessDenied.*explicit deny in a resource-based policy"):
        machine.application_client("kms").sign(**given)
    calls = machine.emulator.calls.select(service="kms", operation="Sign", error=None)
    sources = {call.source for call in calls}
    assert sources
    assert [source for source in sources if not any(name in source for name in SIGNERS)] == []


def test_another_key_signs_on_and_what_the_first_has_signed_stays_true(
    machine: Machine, account_id: str, avm: Avm, tmp_path: Path
) -> None:
    assert avm("report", account_id, "--save", str(tmp_path / "old")).exit_code == 0
    first = signed(machine, account_id)
    kms, functions = machine.application_client("kms"), machine.application_client("lambda")
    other = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    give_key(machine, functions, other)
    run = machine.call("POST", f"/accounts/{account_id}/observations", {}).json()["observation_id"]
    machine.settle_now()
    second = signed(machine, account_id, run)
    assert second["signature"]["key_id"] == other
    assert second["public_key"] != first["public_key"]
    assert avm("report", account_id, "--verify").exit_code == 0
    assert signed(machine, account_id, first["observation_id"]) == first
    assert avm("report", account_id, "--from", str(tmp_path / "old" / f"{account_id}.json")).exit_code == 0
    kept = {Path(key).name: content.decode() for key, content in archived(machine, account_id).items()}
    for answer in (first, second):
        assert kept[f"{answer['signature']['key_id'].rpartition('/')[2]}.pem"] == answer["public_key"]
    wrong = tmp_path / "second.pem"
    wrong.write_text(second["public_key"], "utf-8")
    refused = avm("report", account_id, "--from", str(tmp_path / "old" / f"{account_id}.json"), "--key", str(wrong))
    assert (refused.exit_code, refused.stdout) == (1, "")


def give_key(machine: Machine, functions: Any, key_arn: str) -> None:
    """Let VerifyAccount sign with another key, as a deployment with ``ReportKeyArn`` does."""
    (name,) = (
        each["FunctionName"]
        for each in functions.list_functions()["Functions"]
        if "VerifyAccountFunction" in each["FunctionName"]
    )
    configuration = functions.get_function_configuration(FunctionName=name)
    variables = {**configuration["Environment"]["Variables"], "REPORT_KEY_ARN": key_arn}
    statement = {"Effect": "Allow", "Action": ["kms:Sign", "kms:GetPublicKey"], "Resource": key_arn}
    machine.application_client("iam").put_role_policy(
        RoleName=configuration["Role"].rpartition("/")[2],
        PolicyName="another-key",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
