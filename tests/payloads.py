"""What ticketing systems send, in the shapes in which they do.

ServiceNow: the fields of a request item (tables sc_req_item, sc_item_option) as the script of docs/operations.md writes
them, all of them texts. Jira: the webhook of Jira Cloud for an issue that was created; a user's e-mail may be hidden,
select fields are objects, fields that are not filled in are null.
"""

import hashlib
import hmac
from typing import Any

SECRET = "0123456789abcdef0123456789abcdef-current"  # noqa: S105  a test's own
OLD_SECRET = "0123456789abcdef0123456789abcdef-earlier"  # noqa: S105  a test's own


def request_item(number: str = "RITM0012345", **variables: Any) -> dict[str, Any]:
    """Return a request item of ServiceNow."""
    return {
        "table": "sc_req_item",
        "sys_id": f"c5a6{hashlib.sha256(number.encode()).hexdigest()[:28]}",
        "number": number,
        "sys_created_on": "2026-11-25 09:12:44",
        "sys_updated_on": "2026-11-25 09:31:02",
        "request": "REQ0010987",
        "cat_item": "AWS account",
        "stage": "fulfillment",
        "approval": "approved",
        "short_description": "AWS account",
        "requested_for": {
            "sys_id": "62826bf03710200044e0bfc8bcbe5df1",
            "user_name": "jane.doe",
            "email": "jane.doe@example.com",
        },
        "variables": {
            "account_name": f"snow-{number.lower()}",
            "account_type": "development",
            "cost_center": "CC-1042",
            "purpose": "Card payments, development",
            "owner": "",
            "monthly_budget": "500",
            **variables,
        },
    }


def issue_created(key: str = "ACC-42", **fields: Any) -> dict[str, Any]:
    """Return the webhook of Jira for an issue that was created."""
    reporter = {
        "self": "https://example.atlassian.net/rest/api/2/user?accountId=5b10a2844c20165700ede21g",
        "accountId": "5b10a2844c20165700ede21g",
        "avatarUrls": {"48x48": "https://avatar.example.com/48"},
        "displayName": "Jane Doe",
        "active": True,
        "timeZone": "Europe/Berlin",
        "accountType": "atlassian",
    }
    return {
        "timestamp": 1795599123456,
        "webhookEvent": "jira:issue_created",
        "issue_event_type_name": "issue_created",
        "user": reporter,
        "issue": {
            "id": f"1{key.rpartition('-')[2]}",
            "self": f"https://example.atlassian.net/rest/api/2/1{key.rpartition('-')[2]}",
            "key": key,
            "fields": {
                "statuscategorychangedate": "2026-11-25T10:12:03.456+0100",
                "issuetype": {"id": "10010", "name": "AWS account", "subtask": False},
                "project": {"id": "10007", "key": key.partition("-")[0], "name": "Accounts"},
                "priority": {"id": "3", "name": "Medium"},
                "labels": [],
                "assignee": None,
                "status": {"id": "10000", "name": "To Do", "statusCategory": {"id": 2, "key": "new"}},
                "summary": f"jira-{key.lower()}",
                "description": None,
                "creator": reporter,
                "reporter": reporter,
                "customfield_10000": "{}",
                "customfield_10101": {
                    "self": "https://example.atlassian.net/rest/api/2/customFieldOption/10020",
                    "value": "sandbox",
                    "id": "10020",
                },
                "customfield_10102": {**reporter, "emailAddress": "jane.doe@example.com"},
                "customfield_10103": "CC-1042",
                "customfield_10104": "Spike",
                "customfield_10105": None,
                **fields,
            },
        },
        "changelog": {"id": "10999", "items": [{"field": "summary", "fromString": None, "toString": "x"}]},
    }


def timed(body: bytes, secret: str, timestamp: int) -> dict[str, str]:
    """Return the headers of ``hmac-timestamp``, made without the machine's own code."""
    content = f"{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    return {"X-Avm-Timestamp": str(timestamp), "X-Avm-Signature": f"sha256={digest}"}


def hub(body: bytes, secret: str) -> dict[str, str]:
    """Return the header of ``x-hub-signature``, made without the machine's own code."""
    return {"X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
