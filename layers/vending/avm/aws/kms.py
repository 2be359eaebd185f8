"""KMS: the key that signs reports. Its private half never leaves KMS."""

from __future__ import annotations

import base64
import textwrap
from functools import cached_property
from typing import TYPE_CHECKING

from avm.aws.errors import translated
from avm.contracts.signed_report import ALGORITHM, Signature, digest_of
from avm.domain.errors import ReportNotSigned

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


_UNUSABLE = (
    "DisabledException",
    "InvalidKeyUsageException",
    "KMSInvalidStateException",
    "NotFoundException",
    "UnsupportedOperationException",
)
"""What KMS answers where the key is not there, or not one that signs now (botocore, Sign and GetPublicKey)."""


class ReportKey:
    """An asymmetric key of specification ECC_NIST_P256 and usage SIGN_VERIFY."""

    def __init__(self, client: KMSClient, key_arn: str) -> None:
        """``key_arn``: of the key itself, no alias: it stands in each signature."""
        self._client = client
        self._arn = key_arn

    def sign(self, report: str) -> Signature:
        """Return a signature of the report's bytes; raises ReportNotSigned.

        Each one is another one (ECDSA draws a number for it), and each verifies. KMS gets the digest alone: a message
        may have 4,096 bytes at most (API reference, Sign).
        """
        digest = digest_of(report)
        with translated(**dict.fromkeys(_UNUSABLE, ReportNotSigned)):
            answer = self._client.sign(
                KeyId=self._arn, Message=bytes.fromhex(digest), MessageType="DIGEST", SigningAlgorithm=ALGORITHM
            )
        signature = base64.b64encode(answer["Signature"]).decode()
        return Signature(key_id=answer["KeyId"], algorithm=ALGORITHM, digest=digest, signature=signature)

    @cached_property
    def public_key(self) -> str:
        """The public key, PEM; a key has the same for ever, so that a process asks once."""
        with translated(**dict.fromkeys(_UNUSABLE, ReportNotSigned)):
            der = self._client.get_public_key(KeyId=self._arn)["PublicKey"]
        lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
        return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))
