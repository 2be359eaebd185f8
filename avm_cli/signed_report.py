"""A signed report: whether its signature is true, and the files that it is kept in.

Nobody is asked for that: report, signature and public key are all there is to it.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import ValidationError

from avm.contracts.report import Report
from avm.contracts.signed_report import Signature, SignedReport, key_file
from avm_cli.api import JsonObject
from avm_cli.errors import BadInput, CliError

_HINT = "Do not rely on it. Get it anew, from the API or the log archive; if that fails, too, somebody has changed it."


@dataclass(frozen=True)
class Signed:
    """A report as bytes, and what says that they are true; nothing of it is believed yet."""

    report: bytes
    signature: Signature
    public_key: bytes

    def check(self, account_id: str) -> None:
        """Raise CliError where the report is not, to the byte, what the key has signed, or not about the account."""
        signature = self.signature
        digest = hashlib.sha256(self.report).hexdigest()
        if digest != signature.digest:
            message = f"The report is not the one that was signed: SHA-256 {digest}, signed is {signature.digest}."
            raise CliError(message, _HINT)
        try:
            self._key().verify(_bytes_of(signature), self.report, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            message = f"The signature of this report is not that of key {signature.key_id}."
            raise CliError(message, _HINT) from error
        about = Report.model_validate_json(self.report).account_id
        if about != account_id:
            raise CliError(f"The report is about account {about}, not {account_id}.", _HINT)

    def save(self, folder: Path, account_id: str) -> Path:
        """Write report, signature and public key into a folder, and return the report's file; raises BadInput."""
        report = folder / f"{account_id}.json"
        files = {
            report: self.report,
            _signature_file(report): self.signature.model_dump_json().encode(),
            report.with_name(key_file(self.signature.key_id)): self.public_key,
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file, content in files.items():
                file.write_bytes(content)
        except OSError as error:
            raise BadInput(f"{folder}: {error.strerror or error}.") from error
        return report

    def _key(self) -> ec.EllipticCurvePublicKey:
        try:
            key = load_pem_public_key(self.public_key)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise CliError(f"The public key cannot be read: {error}", _HINT) from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise CliError("The public key is not one of the curve NIST P-256.", _HINT)
        return key


def answered(answer: JsonObject, key: Path | None) -> Signed:
    """Return what the API has answered; ``key``: file of the public key that counts, None: the API's."""
    try:
        found = SignedReport.model_validate(answer)
    except ValidationError as error:
        raise CliError(f"The API's signed report cannot be read: {error}", "This avm may be older than it.") from error
    return Signed(found.report.encode(), found.signature, _content(key) if key else found.public_key.encode())


def saved(report: Path, key: Path | None) -> Signed:
    """Return the report in a file, with the signature beside it: ``NAME.json`` and ``NAME.sig.json``.

    ``key``: file of the public key that counts, None: the one beside them that the signature names. Raises BadInput.
    """
    beside = _signature_file(report)
    try:
        signature = Signature.model_validate_json(_content(beside))
    except ValidationError as error:
        raise BadInput(f"{beside}: is no signature of a report: {error}") from error
    return Signed(_content(report), signature, _content(key or report.with_name(key_file(signature.key_id))))


def _bytes_of(signature: Signature) -> bytes:
    """Return the signature's bytes; what is no base64, or not as it is written, is no signature."""
    try:
        found = base64.b64decode(signature.signature, validate=True)
    except binascii.Error as error:
        raise InvalidSignature from error
    if base64.b64encode(found).decode() != signature.signature:
        raise InvalidSignature
    return found


def _signature_file(report: Path) -> Path:
    return report.with_name(f"{report.stem}.sig.json")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror or error}.") from error
