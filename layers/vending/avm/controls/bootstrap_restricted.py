"""bootstrap-restricted: the role that CreateAccount has made trusts the broker, and nobody else.

At birth it trusts the whole management account, and it is an administrator. Plane: broker.
"""

from __future__ import annotations

from avm.aws.iam import Roles
from avm.domain.finding import Change, Finding
from avm.domain.trust import BOOTSTRAP_ROLE, Trusted, is_same

CONTROL = "bootstrap-restricted"


def observe(iam: Roles, trusted: Trusted) -> Finding:
    """Look whom the bootstrap role trusts; evidence: the call that shows it, and its trust policy."""
    trust = iam.trust(BOOTSTRAP_ROLE)
    is_so = is_same(trust, trusted.broker())
    return Finding(CONTROL, "compliant" if is_so else "violated", {"GetRole": {BOOTSTRAP_ROLE: trust}})


def enforce(iam: Roles, trusted: Trusted) -> list[Change]:
    """Narrow the trust to the broker; return what was changed, nothing where it is so."""
    if observe(iam, trusted).status == "compliant":
        return []
    iam.set_trust(BOOTSTRAP_ROLE, trusted.broker())
    return [Change(CONTROL, "UpdateAssumeRolePolicy", BOOTSTRAP_ROLE)]
