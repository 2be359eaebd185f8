"""Each kind of mistake that an operator can make, planted in the shipped catalog one at a time."""

import pytest

from tests.unit.catalog.catalog_copy import CatalogCopy
from tests.unit.catalog.faults import DEVELOPER, LEAVE, ORGANIZATION, REGIONS, ROOT, SANDBOX, Fault, assert_planted

REGION_TEST = "policy.Statement[0].Condition.StringNotEquals.aws:RequestedRegion"


FAULTS = {
    # what the YAML itself may be
    "syntax": Fault(SANDBOX, "ou: Sandbox", "ou: [Sandbox", "approval: false", "", "is not YAML"),
    "tab": Fault(SANDBOX, "ou: Sandbox", "\tou: Sandbox", "\tou: Sandbox", "", "is not YAML"),
    "control character": Fault(SANDBOX, "ou: Sandbox", "ou: Sand\x07box", "ou: Sand", "", "forbids"),
    "repeated key": Fault(SANDBOX, "ou: Sandbox", "ou: Sandbox\nou: Dev", "ou: Dev", "ou", "first on line 4"),
    "alias": Fault(
        SANDBOX, "description: A place", "description: &a A place\nregions: *a #", "regions: *a", "regions", "alias"
    ),
    "tag": Fault(SANDBOX, "approval: false", "approval: !Ref x", "approval", "approval", "tag"),
    "key that is no text": Fault(
        ORGANIZATION, "  jira:", "  7: https://x\n  jira:", "  7:", "ticket_systems", "not text"
    ),
    # fields
    "unknown field": Fault(SANDBOX, "approval: false", "approval: false\naproval: true", "aproval", "aproval", "not a"),
    "unknown field deep inside": Fault(
        LEAVE,
        "Effect: Deny",
        "Effect: Deny\n      Principal: '*'",
        "Principal",
        "policy.Statement[0].Principal",
        "not a field",
    ),
    "missing field": Fault(SANDBOX, "ou: Sandbox\n", "", "name: sandbox", "ou", "is missing"),
    "text for a truth": Fault(SANDBOX, "approval: false", "approval: no", "approval", "approval", "true or false"),
    "number for a text": Fault(
        ORGANIZATION,
        'phone: "+4930123456"',
        "phone: 4930123456",
        "title: Security Operations",
        "contacts.security.phone",
        "text",
    ),
    "text for a list": Fault(
        ORGANIZATION, "[eu-west-1, eu-central-1]   #", "eu-west-1 #", "allowed_regions:", "allowed_regions", "list"
    ),
    "text for a group": Fault(SANDBOX, "{monthly_usd: 100}", "100", "budget: 100", "budget", "group of fields"),
    "empty list": Fault(ORGANIZATION, "domains: [example.com]", "domains: []", "domains", "email.domains", "is empty"),
    "budget of nothing": Fault(
        SANDBOX, "monthly_usd: 100", "monthly_usd: 0", "monthly_usd: 0", "budget.monthly_usd", "greater than 0, not 0"
    ),
    "group and user": Fault(
        SANDBOX,
        "{group: billing-readers,",
        "{group: billing-readers, user: x@example.com,",
        "billing-readers",
        "assignments[1]",
        "exactly one",
    ),
    "repeated assignment": Fault(
        SANDBOX,
        "{group: billing-readers, permission_set: BillingAccess}",
        "{group: security-auditors, permission_set: SecurityAudit}",
        "assignments:",
        "assignments",
        "entry 2 repeats",
    ),
    "lock that S3 does not know": Fault(
        ORGANIZATION, "mode: GOVERNANCE", "mode: FOREVER", "object_lock:", "log_archive.object_lock.mode", "FOREVER"
    ),
    "role with a path": Fault(
        ORGANIZATION,
        ":role/avm-auditor",
        ":role/x/avm-auditor",
        ":role/x/avm-auditor",
        "api_roles.auditor[1]",
        "pattern",
    ),
    "role twice": Fault(
        ORGANIZATION, "AWSReservedSSO_AvmApprover_*", "avm-approver", "approver:", "api_roles.approver", "repeats"
    ),
    "no operator": Fault(
        ORGANIZATION,
        "  operator:\n    - arn:*:iam::123456789012:role/AWSReservedSSO_AvmOperator_*\n"
        "    - arn:*:iam::123456789012:role/avm-operator\n",
        "  operator: []\n",
        "operator: []",
        "api_roles.operator",
        "is empty",
    ),
    "lock for no time": Fault(
        ORGANIZATION, "days: 365}", "days: 0}", "object_lock:", "log_archive.object_lock.days", "not 0"
    ),
    "lock for longer than S3 takes": Fault(
        ORGANIZATION, "days: 365}", "days: 36501}", "object_lock:", "log_archive.object_lock.days", "not 36501"
    ),
    "end of a bucket's name that S3 does not take": Fault(
        ORGANIZATION,
        "log_archive:\n",
        "log_archive:\n  bucket_suffix: X_7\n",
        "bucket_suffix",
        "log_archive.bucket_suffix",
        "X_7",
    ),
    # what files say about each other
    "unknown OU": Fault(SANDBOX, "ou: Sandbox", "ou: Sandbocks", "ou: Sandbocks", "ou", "no OU 'Sandbocks'"),
    "unknown SCP on an OU": Fault(
        ORGANIZATION,
        "[avm-quarantine, avm-protect",
        "[avm-quarantin, avm-protect",
        "avm-quarantin,",
        "ous.Suspended.scps[0]",
        "no SCP",
    ),
    "unknown SCP on an account": Fault(
        SANDBOX, "approval: false", "approval: false\nscps: [avm-x]", "avm-x", "scps[0]", "no SCP 'avm-x'"
    ),
    "unknown permission set": Fault(
        SANDBOX,
        "permission_set: BillingAccess",
        "permission_set: Billing",
        "billing-readers",
        "assignments[1].permission_set",
        "no permission set",
    ),
    "unknown requestable permission set": Fault(
        SANDBOX,
        "DeveloperAccess, ReadOnly",
        "DevAccess, ReadOnly",
        "allowed",
        "allowed_permission_sets[1]",
        "no permission set",
    ),
    "Region that is not allowed": Fault(
        SANDBOX,
        "approval: false",
        "approval: false\nregions: [eu-north-1]",
        "regions",
        "regions[0]",
        "no allowed Region",
    ),
    "home Region that is not allowed": Fault(
        ORGANIZATION,
        "home_region: eu-west-1",
        "home_region: eu-west-2",
        "home_region",
        "home_region",
        "no allowed Region",
    ),
    "name of another file": Fault(
        SANDBOX, "name: sandbox", "name: playground", "name: playground", "name", "does not match the file's"
    ),
    "name used twice": Fault(SANDBOX, "name: sandbox", "name: test", "name: test", "name", "account_types/test.yaml"),
    # OUs
    "OU with a missing parent": Fault(
        ORGANIZATION,
        "  Suspended:\n",
        "  Suspended:\n    parent: Attic\n",
        "parent: Attic",
        "ous.Suspended.parent",
        "no OU 'Attic'",
    ),
    "OU under itself": Fault(
        ORGANIZATION,
        "  Suspended:\n",
        "  Suspended:\n    parent: Suspended\n",
        "parent:",
        "ous.Suspended.parent",
        "under itself",
    ),
    "OU too deep": Fault(
        ORGANIZATION,
        "  Suspended:\n",
        "".join(f"  L{n}: {{parent: {f'L{n - 1}' if n > 1 else 'Dev'}}}\n" for n in range(1, 6)) + "  Suspended:\n",
        "  L5:",
        "ous.L5.parent",
        "6 levels",
    ),
    # e-mail addresses and patterns
    "e-mail pattern that cannot fit": Fault(
        ORGANIZATION, "pattern: aws+{slug}", f"pattern: {'a' * 43}+{{slug}}", "pattern: a", "email.pattern", "fit"
    ),
    "e-mail pattern of a foreign domain": Fault(
        ORGANIZATION,
        "{short_id}@example.com",
        "{short_id}@example.org",
        "pattern: aws",
        "email.pattern",
        "'example.org'",
    ),
    "e-mail pattern without short_id": Fault(
        ORGANIZATION, "aws+{slug}-{short_id}@", "aws+{slug}@", "pattern: aws", "email.pattern", "same address"
    ),
    "e-mail pattern with a strange field": Fault(
        ORGANIZATION, "aws+{slug}-{", "aws+{slug.upper}-{", "pattern: aws", "email.pattern", "only {slug}"
    ),
    "e-mail pattern with a stray brace": Fault(
        ORGANIZATION, "pattern: aws+{slug}", "pattern: aws+}{slug}", "pattern: aws", "email.pattern", "braces"
    ),
    "e-mail pattern that AWS refuses": Fault(
        ORGANIZATION, "pattern: aws+{slug}", "pattern: .aws+{slug}", "pattern: .aws", "email.pattern", "does not take"
    ),
    "cost center that is no pattern": Fault(
        ORGANIZATION,
        "^CC-[0-9]{4,8}$",
        "^CC-[0-9",
        "cost_center_pattern",
        "cost_center_pattern",
        "not a regular expression",
    ),
    "cost center of the foundation that no request may have": Fault(
        ORGANIZATION, "CC-1000", "K-1000", "foundation:", "foundation", "cost_center_pattern"
    ),
    "ticket system without https": Fault(
        ORGANIZATION,
        "https://example.atlassian",
        "http://example.atlassian",
        "  jira",
        "ticket_systems.jira",
        "pattern",
    ),
    # policies
    "version of the policy language": Fault(
        LEAVE, "2012-10-17", "2008-10-17", "Version", "policy.Version", "2012-10-17"
    ),
    "effect": Fault(LEAVE, "Effect: Deny", "Effect: deny", "Effect", "policy.Statement[0].Effect", "not 'deny'"),
    "SCP that allows": Fault(LEAVE, "Effect: Deny", "Effect: Allow", "policy:", "policy", "'DenyLeaving' allows"),
    "no statement": Fault(
        DEVELOPER,
        "  Version: 2012-10-17",
        "  Version: 2012-10-17\n  Statements: []",
        "Statements: []",
        "inline_policy.Statements",
        "not a field",
    ),
    "malformed action": Fault(
        LEAVE, "account:CloseAccount", "CloseAccount", "- CloseAccount", "policy.Statement[0].Action[2]", "pattern"
    ),
    "malformed resource": Fault(
        DEVELOPER,
        "arn:*:iam::*:role/app/*",
        "role/app/*",
        "role/app",
        "inline_policy.Statement[1].Resource[0]",
        "pattern",
    ),
    "Action and NotAction": Fault(
        LEAVE,
        "      Action:",
        "      NotAction: iam:*\n      Action:",
        "Sid",
        "policy.Statement[0]",
        "exactly one of Action",
    ),
    "no Resource": Fault(ROOT, '      Resource: "*"\n', "", "Sid", "policy.Statement[0]", "exactly one of Resource"),
    "unknown condition operator": Fault(
        ROOT, "ArnLike:", "ArnLikes:", "ArnLikes", "policy.Statement[0].Condition.ArnLikes", "not a condition operator"
    ),
    "truth that is no text": Fault(
        ROOT,
        'AssumedRoot: "true"',
        "AssumedRoot: true",
        "AssumedRoot: true",
        "policy.Statement[0].Condition.Null.aws:AssumedRoot",
        "must be a list",
    ),
    "repeated Sid": Fault(
        DEVELOPER, "UseWorkloadRoles", "SeeIdentities", "inline_policy", "inline_policy", "two statements"
    ),
    "exemption that the policy does not make": Fault(
        ROOT,
        "  aws:AssumedRoot: Assume",
        "  arn:*:iam::*:role/x: why\n  aws:AssumedRoot: Assume",
        "exempt:",
        "exempt",
        "does not spare",
    ),
    "exemption that nobody explains": Fault(
        "scps/avm-quarantine.yaml",
        "  arn:*:iam::*:role/avm/avm-observe: verifies it\n",
        "",
        "exempt:",
        "exempt",
        "also spares",
    ),
    "SCP too long": Fault(
        ORGANIZATION,
        "scp_characters: 10240",
        "scp_characters: 2800",
        "policy:",
        "policy",
        "2800 fit",
        "scps/avm-protect-baseline.yaml",
    ),
    "Region deny that closes an allowed Region": Fault(
        REGIONS,
        "[eu-west-1, eu-central-1]",
        "[eu-west-1]",
        "[eu-west-1]",
        REGION_TEST,
        "denies the allowed Region eu-central-1",
    ),
    "Region deny that leaves a stranger open": Fault(
        REGIONS,
        "[eu-west-1, eu-central-1]",
        "[eu-west-1, eu-central-1, us-west-2]",
        "us-west-2",
        REGION_TEST,
        "leaves open us-west-2",
    ),
    "session of a day": Fault(DEVELOPER, "PT8H", "PT24H", "session", "session_duration", "pattern"),
    "permission set that permits nothing": Fault(
        "permission_sets/BreakGlass.yaml",
        "managed_policies: [AdministratorAccess]\n",
        "",
        "name:",
        "inline_policy",
        "permits nothing",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_the_one_problem_named(copy: CatalogCopy, fault: Fault) -> None:
    assert_planted(copy, fault)
