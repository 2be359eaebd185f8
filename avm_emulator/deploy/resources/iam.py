"""AWS::IAM."""

from __future__ import annotations

from typing import Any

from avm_emulator.deploy.resources.base import Created, New, fields, resource

_POLICY = fields("PolicyName", "PolicyDocument")
_ROLE = ("Path", "Description", "MaxSessionDuration", "PermissionsBoundary")


@resource(
    "AWS::IAM::Role",
    "RoleName",
    "AssumeRolePolicyDocument",
    "ManagedPolicyArns",
    "Tags",
    *_ROLE,
    Policies=_POLICY,
)
def role(new: New) -> Created:
    """Create a role with its inline and managed policies."""
    made = new.call(
        "iam",
        "CreateRole",
        RoleName=new.name("RoleName", 64),
        AssumeRolePolicyDocument=_document(new["AssumeRolePolicyDocument"]),
        Tags=new.tag_list(),
        **new.only(*_ROLE),
    )["Role"]
    name = made["RoleName"]
    for policy in new.get("Policies", []):
        document = _document(policy["PolicyDocument"])
        new.call("iam", "PutRolePolicy", RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
    for arn in new.get("ManagedPolicyArns", []):
        new.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    return Created(name, {"Arn": made["Arn"], "RoleId": made["RoleId"]}, (made["Arn"],))


@resource(
    "AWS::IAM::ManagedPolicy",
    "ManagedPolicyName",
    "Path",
    "Description",
    "PolicyDocument",
    "Roles",
    "Users",
    "Groups",
)
def managed_policy(new: New) -> Created:
    """Create a managed policy and attach it."""
    arn = new.call(
        "iam",
        "CreatePolicy",
        PolicyName=new.name("ManagedPolicyName", 128),
        PolicyDocument=_document(new["PolicyDocument"]),
        **new.only("Path", "Description"),
    )["Policy"]["Arn"]
    for kind in ("Role", "User", "Group"):
        for name in new.get(f"{kind}s", []):
            new.call("iam", f"Attach{kind}Policy", **{f"{kind}Name": name}, PolicyArn=arn)
    return Created(arn, {"PolicyArn": arn})


@resource("AWS::IAM::Policy", "PolicyName", "PolicyDocument", "Roles", "Users", "Groups")
def policy(new: New) -> Created:
    """Put an inline policy into roles, users and groups."""
    name, document = new["PolicyName"], _document(new["PolicyDocument"])
    for kind in ("Role", "User", "Group"):
        for principal in new.get(f"{kind}s", []):
            call = {f"{kind}Name": principal, "PolicyName": name, "PolicyDocument": document}
            new.call("iam", f"Put{kind}Policy", **call)
    return Created(name)


def _document(document: dict[str, Any]) -> dict[str, Any]:
    # SAM's policy templates write documents without Version; IAM takes those, moto refuses them
    # (facts/local-emulator.md, section 5). The newer version differs only in policy variables, which such documents
    # do not use.
    return {"Version": "2012-10-17", **document}
