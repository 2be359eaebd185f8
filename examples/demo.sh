#!/bin/sh
# Vends one account on this machine and looks at it through plain boto3. Exit code 0 only if it is READY and true.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
export NO_PROXY=127.0.0.1
unset AWS_PROFILE # nothing here is for an account of yours
request=examples/requests/payments-dev.yaml
speed=60 # AWS-seconds that pass in one

now() { python -c 'import time; print(time.time())'; }
since() { python -c 'import sys, time; print(f"{time.time() - float(sys.argv[1]):.1f}")' "$1"; }

echo "== The emulator, with the application in it"
started=$(now)
emulator=$(avm local up --detach --port 0 --speed "$speed") # any free port: 8450 may be somebody's
port=$(printf '%s' "$emulator" | python -c 'import json, sys; print(json.load(sys.stdin)["endpoint_url"].rsplit(":", 1)[1])')
trap 'avm local down --port "$port"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
environment=$(avm local env --port "$port")
eval "$environment"
echo "Started on port $port in $(since "$started") s."

echo "== avm vend $request"
asked=$(now)
avm vend "$request"
took=$(since "$asked")

echo "== avm status, avm list"
avm status RITM0012345
avm list

echo "== What AWS says of it"
REQUEST=$(avm status RITM0012345 --json) TOOK=$took python - <<'PYTHON'
import json, os, sys
from datetime import datetime

import boto3

request = json.loads(os.environ["REQUEST"])
account_id = request["account_id"]
organizations = boto3.client("organizations")
account = organizations.describe_account(AccountId=account_id)["Account"]
parent = organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"]
ou = organizations.describe_organizational_unit(OrganizationalUnitId=parent)["OrganizationalUnit"]["Name"]
attached = organizations.list_policies_for_target(TargetId=account_id, Filter="SERVICE_CONTROL_POLICY")["Policies"]
scps = sorted(policy["Name"] for policy in attached)
print(f"Account {account_id} is {account['State']} in OU {ou}. SCPs on the account itself: {', '.join(scps)}.")

began, ended = (datetime.fromisoformat(request[name]) for name in ("created_at", "ready_at"))
seconds = (ended - began).total_seconds()
print(f"Time to ready: {seconds:.0f} AWS-seconds; {os.environ['TOOK']} s on this machine.")

quarantined = any(name.startswith("avm-quarantine") for name in scps)
sys.exit("This account is not what was asked for." if quarantined or (account["State"], ou) != ("ACTIVE", "Dev") else 0)
PYTHON
