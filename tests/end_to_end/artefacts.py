"""What was built for this machine, with a catalog of a test's own."""

import shutil
from pathlib import Path

from tests.names import ROOT

BUILT = ROOT / ".build" / "host"
_TAKE_LONG = {
    *("config-recorder", "default-vpc-removed", "ebs-encryption", "guardduty-member", "security-hub-member"),
    *("image-public-access-block", "instance-metadata-defaults", "snapshot-public-access-block", "vpc-flow-logs"),
    *("access-analyzer", "config-aggregation", "conformance-packs", "guardduty-protection"),
    *("account-alias", "account-name", "budget", "no-iam-users", "password-policy", "root-credentials"),
    "conformance_packs",
}
"""Controls that work in each Region, or that most tests do not ask about, and of the OUs what rests on one of them."""


def catalog_in(artefacts: Path) -> Path:
    """Return the catalog that is in artefacts."""
    return artefacts / "CatalogLayer" / "catalog"


def own_catalog(folder: Path) -> Path:
    """Return what was built, in a folder, with a catalog that may be changed."""
    for built in BUILT.iterdir():
        if built.name != "CatalogLayer":
            (folder / built.name).symlink_to(built)
    shutil.copytree(BUILT / "CatalogLayer", folder / "CatalogLayer")
    return folder


def few_promises(folder: Path, *keep: str) -> Path:
    """Return artefacts, in a folder, whose account types promise little of what takes long, but for ``keep``.

    A vend is short then. What all controls do in a vend is shown by test_controls, test_vend and test_trust, and by the
    proofs under faults.
    """
    artefacts = own_catalog(folder)
    catalog = catalog_in(artefacts)
    for file in (catalog / "organization.yaml", *(catalog / "account_types").iterdir()):
        lines = file.read_text("utf-8").splitlines(keepends=True)
        left_out = _TAKE_LONG - set(keep)
        kept = (line for line in lines if line[0] != " " or line.strip().partition(":")[0] not in left_out)
        file.write_text("".join(kept), "utf-8")
    return artefacts


def ask_somebody(artefacts: Path, account_type: str) -> None:
    """Let accounts of a type need an approval."""
    file = catalog_in(artefacts) / "account_types" / f"{account_type}.yaml"
    text = file.read_text("utf-8")
    assert "approval: false" in text
    file.write_text(text.replace("approval: false", "approval: true"), "utf-8")


def propose_repairs(artefacts: Path, account_type: str, control: str) -> None:
    """Let repairs of a control of a type wait for a decision."""
    file = catalog_in(artefacts) / "account_types" / f"{account_type}.yaml"
    file.write_text(f"{file.read_text('utf-8')}modes: {{{control}: propose}}\n", "utf-8")


def answer_on_loopback(artefacts: Path, port: int) -> None:
    """Let the ticketing systems of artefacts' catalog be told at a port of this machine, each at a path of its own."""
    for file in (catalog_in(artefacts) / "webhooks").iterdir():
        lines = (line for line in file.read_text("utf-8").splitlines() if not line.startswith("answers:"))
        file.write_text("\n".join([*lines, f"answers: http://127.0.0.1:{port}/{file.stem}", ""]), "utf-8")
