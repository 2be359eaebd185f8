"""What KMS has signed is verified by anybody who has the public key."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

TEXT = b"what was found"
DIGEST = hashlib.sha256(TEXT).digest()
WAYS = [("ECC_NIST_P256", "ECDSA_SHA_256"), ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256")]


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.kms_signatures",))


def verify(public_key: bytes, signature: bytes, text: bytes) -> None:
    key = load_der_public_key(public_key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, text, ec.ECDSA(hashes.SHA256()))
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(("spec", "algorithm"), WAYS)
def test_a_digest_is_signed_as_what_it_is_the_digest_of(emulator: Emulator, spec: str, algorithm: str) -> None:
    kms = emulator.clients.client("kms")
    arn = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    shown = kms.get_public_key(KeyId=arn)
    assert (shown["KeyId"], shown["KeySpec"]) == (arn, spec)
    given: dict[str, Any] = {"KeyId": arn, "SigningAlgorithm": algorithm}
    for kind, message in (("DIGEST", DIGEST), ("RAW", TEXT)):
        signature = kms.sign(**given, Message=message, MessageType=kind)["Signature"]
        verify(shown["PublicKey"], signature, TEXT)
        with pytest.raises(InvalidSignature):
            verify(shown["PublicKey"], signature, DIGEST)
        other = ("RAW", TEXT) if kind == "DIGEST" else ("DIGEST", DIGEST)
        for type_, again in ((kind, message), other):
            assert kms.verify(**given, Message=again, MessageType=type_, Signature=signature)["SignatureValid"]
        assert not kms.verify(**given, Message=DIGEST, MessageType="RAW", Signature=signature)["SignatureValid"]


def test_a_digest_has_the_length_of_its_algorithm(emulator: Emulator) -> None:
    kms = emulator.clients.client("kms")
    arn = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match=r"ValidationException.*invalid length"):
        kms.sign(KeyId=arn, SigningAlgorithm="ECDSA_SHA_256", Message=DIGEST[:-1], MessageType="DIGEST")
