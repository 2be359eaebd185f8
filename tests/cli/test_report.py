"""``avm report --verify``: what is shown is what was signed, to the byte, or it is refused."""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.cli.fakes import Avm, FakeApi
from tests.cli.test_account import ACCOUNT, UNTRUE, found

KEY_ID = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_FILE = "1234abcd-12ab-34cd-56ef-1234567890ab.pem"
REPORT = json.dumps(found("vend-1", UNTRUE), separators=(",", ":"), ensure_ascii=False)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(frozen=True)
class Signer:
    """What the machine does with its key."""

    key: ec.EllipticCurvePrivateKey

    def answer(self, report: str = REPORT) -> dict[str, Any]:
        signature = self.key.sign(report.encode(), ec.ECDSA(hashes.SHA256()))
        return {
            "account_id": ACCOUNT,
            "observation_id": "vend-1",
            "report": report,
            "signature": {
                "key_id": KEY_ID,
                "algorithm": "ECDSA_SHA_256",
                "digest": hashlib.sha256(report.encode()).hexdigest(),
                "signature": base64.b64encode(signature).decode(),
            },
            "public_key": pem(self.key),
        }


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer(ec.generate_private_key(ec.SECP256R1()))


def test_what_is_signed_is_shown_with_digest_and_key(avm: Avm, api: FakeApi, signer: Signer) -> None:
    api.script((200, signer.answer()))
    result = avm("report", ACCOUNT, "--verify")
    assert result.exit_code == 0, result.output
    assert "placement" in result.stdout
    assert hashlib.sha256(REPORT.encode()).hexdigest() in result.stderr
    assert KEY_ID in result.stderr
    assert [(call.method, call.path) for call in api.calls] == [("GET", f"/v1/accounts/{ACCOUNT}/signed-report")]


def test_json_is_the_report_and_nothing_else(avm: Avm, api: FakeApi, signer: Signer) -> None:
    api.script((200, signer.answer()))
    assert json.loads(avm("report", ACCOUNT, "--verify", "--json").stdout) == json.loads(REPORT)


def test_an_api_that_answers_something_else_is_named(avm: Avm, api: FakeApi, signer: Signer) -> None:
    api.script((200, {**signer.answer(), "signature": {"key_id": KEY_ID, "algorithm": "MD5"}}))
    result = avm("report", ACCOUNT, "--verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be read" in result.stderr


def changed(answer: dict[str, Any], **signature: str) -> dict[str, Any]:
    return {**answer, "signature": {**answer["signature"], **signature}}


def test_another_report_with_its_own_digest_is_refused(avm: Avm, api: FakeApi, signer: Signer) -> None:
    other = REPORT.replace('"violated"', '"compliant"')
    digest = hashlib.sha256(other.encode()).hexdigest()
    for answer in (
        {**signer.answer(), "report": other},
        changed({**signer.answer(), "report": other}, digest=digest),
    ):
        api.script((200, answer))
        result = avm("report", ACCOUNT, "--verify")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "Do not rely on it" in result.stderr


def test_a_report_about_another_account_is_refused(avm: Avm, api: FakeApi, signer: Signer) -> None:
    other = REPORT.replace(ACCOUNT, "999988887777")
    api.script((200, signer.answer(other)))
    result = avm("report", ACCOUNT, "--verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "about account 999988887777" in result.stderr


def of_another_curve() -> str:
    return pem(ec.generate_private_key(ec.SECP384R1()))


def of_another_kind() -> str:
    return pem(rsa.generate_private_key(65537, 2048))


def of_another_key() -> str:
    return pem(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    "key", [of_another_key(), of_another_curve(), of_another_kind(), "no key"], ids=["key", "curve", "kind", "none"]
)
def test_another_key_does_not_verify(avm: Avm, api: FakeApi, signer: Signer, tmp_path: Path, key: str) -> None:
    file = tmp_path / "other.pem"
    file.write_text(key)
    for answer, more in (({**signer.answer(), "public_key": key}, ()), (signer.answer(), ("--key", str(file)))):
        api.script((200, answer))
        result = avm("report", ACCOUNT, "--verify", *more)
        assert (result.exit_code, result.stdout) == (1, "")


def test_a_key_that_is_kept_elsewhere_is_the_one_that_counts(
    avm: Avm, api: FakeApi, signer: Signer, tmp_path: Path
) -> None:
    file = tmp_path / "kept.pem"
    file.write_text(pem(signer.key))
    api.script((200, {**signer.answer(), "public_key": of_another_key()}))
    assert avm("report", ACCOUNT, "--key", str(file)).exit_code == 0


@pytest.fixture
def saved(avm: Avm, api: FakeApi, signer: Signer, tmp_path: Path) -> Path:
    """Return the file of a report that was saved."""
    api.script((200, signer.answer()))
    folder = tmp_path / "of" / "november"
    assert avm("report", ACCOUNT, "--save", str(folder)).exit_code == 0
    api.calls.clear()
    assert {file.name for file in folder.iterdir()} == {f"{ACCOUNT}.json", f"{ACCOUNT}.sig.json", KEY_FILE}
    return folder / f"{ACCOUNT}.json"


def test_what_was_saved_is_verified_without_the_api(
    avm: Avm, api: FakeApi, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AVM_API_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    result = avm("report", ACCOUNT, "--from", str(saved))
    assert result.exit_code == 0, result.output
    assert "placement" in result.stdout
    assert api.calls == []


def test_one_changed_byte_of_the_report_does_not_verify(avm: Avm, saved: Path) -> None:
    whole = saved.read_bytes()
    assert whole == REPORT.encode()
    for at in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        for bit in (0x01, 0x80):
            saved.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            result = avm("report", ACCOUNT, "--from", str(saved))
            assert (result.exit_code, result.stdout) == (1, ""), at
            assert "not the one that was signed" in result.stderr
    for other in (whole[:-1], whole + b"\n", b"\xef\xbb\xbf" + whole, whole.replace(b",", b", ", 1)):
        saved.write_bytes(other)
        assert avm("report", ACCOUNT, "--from", str(saved)).exit_code == 1


def test_one_changed_byte_of_the_signature_does_not_verify(avm: Avm, saved: Path) -> None:
    beside = saved.with_name(f"{ACCOUNT}.sig.json")
    whole = json.loads(beside.read_text())
    for name in ("digest", "signature"):
        text = whole[name]
        for at in range(len(text)):
            beside.write_text(
                json.dumps({**whole, name: text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]})
            )
            result = avm("report", ACCOUNT, "--from", str(saved))
            assert (result.exit_code, result.stdout) == (1, ""), (name, at)
    beside.write_text(json.dumps(whole))
    assert avm("report", ACCOUNT, "--from", str(saved)).exit_code == 0


@pytest.mark.parametrize("name", [f"{ACCOUNT}.json", f"{ACCOUNT}.sig.json", KEY_FILE])
def test_a_file_that_is_missing_is_named(avm: Avm, saved: Path, name: str) -> None:
    saved.with_name(name).unlink()
    result = avm("report", ACCOUNT, "--from", str(saved))
    assert (result.exit_code, result.stdout) == (2, "")
    assert name in result.stderr.replace("\n", "")


def test_a_signature_that_is_none_is_bad_input(avm: Avm, saved: Path) -> None:
    saved.with_name(f"{ACCOUNT}.sig.json").write_text('{"key_id": 1}')
    result = avm("report", ACCOUNT, "--from", str(saved))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no signature of a report" in result.stderr


def test_the_page_is_written_of_what_verifies_and_of_nothing_else(
    avm: Avm, api: FakeApi, signer: Signer, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    api.script((200, changed(signer.answer(), digest="0" * 64)), (200, signer.answer()))
    assert avm("report", ACCOUNT, "--html", str(page)).exit_code == 1
    assert not page.exists()
    assert avm("report", ACCOUNT, "--html", str(page)).exit_code == 0
    text = page.read_text("utf-8")
    assert f"Readiness report of account {ACCOUNT}" in text
    assert hashlib.sha256(REPORT.encode()).hexdigest() in text


@pytest.mark.parametrize("option", ["--html", "--save"])
def test_a_place_that_cannot_be_written_is_named(
    avm: Avm, api: FakeApi, signer: Signer, tmp_path: Path, option: str
) -> None:
    (tmp_path / "file").write_text("")
    api.script((200, signer.answer()))
    result = avm("report", ACCOUNT, option, str(tmp_path / "file" / "below"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "below" in result.stderr.replace("\n", "")
