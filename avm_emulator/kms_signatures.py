"""KMS signatures of digests: moto takes a digest for a message, hashes it once more, and so signs something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.kms.responses import KmsResponse
from moto.kms.utils import ECDSAPrivateKey, RSAPrivateKey

from avm_emulator.errors import AwsError
from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

_is_digest: ContextVar[bool] = ContextVar("is_digest", default=False)

_get_public_key = KmsResponse.get_public_key
# How moto's two kinds of key find the hash of an algorithm; the names are private to their classes.
_hash_of_ecdsa = ECDSAPrivateKey._ECDSAPrivateKey__hash_algorithm
_padding_and_hash_of_rsa = RSAPrivateKey._RSAPrivateKey__padding_and_hash_algorithm


def install(emulator: Emulator) -> None:
    """Sign and verify digests as what they are until ``emulator`` stops."""
    restore_on_stop(emulator, KmsResponse, ECDSAPrivateKey, RSAPrivateKey)
    KmsResponse.sign = _by_type(KmsResponse.sign)
    KmsResponse.verify = _by_type(KmsResponse.verify)
    KmsResponse.get_public_key = _public_key
    ECDSAPrivateKey._ECDSAPrivateKey__hash_algorithm = _ecdsa
    RSAPrivateKey._RSAPrivateKey__padding_and_hash_algorithm = _rsa


def _by_type(answer: Callable[[KmsResponse], str]) -> Callable[[KmsResponse], str]:
    """Return ``answer`` with regard to MessageType."""

    def answered(response: KmsResponse) -> str:
        is_digest = response._get_param("MessageType") == "DIGEST"
        algorithm = str(response._get_param("SigningAlgorithm"))
        if is_digest and len(response._get_param("Message")) * 8 != int(algorithm[-3:]):
            raise AwsError("ValidationException", f"Digest is invalid length for algorithm {algorithm}.", 400)
        token = _is_digest.set(is_digest)
        try:
            return answer(response)
        finally:
            _is_digest.reset(token)

    return answered


def _ecdsa(key: ECDSAPrivateKey, algorithm: str) -> Any:
    return _hashed(_hash_of_ecdsa(key, algorithm))


def _rsa(key: RSAPrivateKey, algorithm: str) -> tuple[Any, Any]:
    padding, hashing = _padding_and_hash_of_rsa(key, algorithm)
    return padding, _hashed(hashing)


def _hashed(algorithm: Any) -> Any:
    return Prehashed(algorithm) if _is_digest.get() else algorithm


def _public_key(response: KmsResponse) -> str:
    """Name the key by its ARN, and its specification (botocore, GetPublicKeyResponse)."""
    answer = json.loads(_get_public_key(response))
    key = response.kms_backend.describe_key(response._get_param("KeyId"))
    return json.dumps({**answer, "KeyId": key.arn, "KeySpec": key.key_spec})
