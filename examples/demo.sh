#!/bin/sh
# From a bare AWS account to a vended one, on this machine: the foundation is planned and laid, an account vended and
# looked at through plain boto3. Exit code 0 only if the foundation is whole and the account READY and true.
# SEED=N decides what is left to chance; runs with one seed take the same AWS-time.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
export NO_PROXY=127.0.0.1
unset AWS_PROFILE # nothing here is for an account of yours
request=examples/requests/payments-dev.yaml

now() { python -c 'import time; print(time.time())'; }
since() { python -c 'import sys, time; print(f"{time.time() - float(sys.argv[1]):.1f}")' "$1"; }
compute() { python -c 'import sys, urllib.request as http; print(http.urlopen(sys.argv[1]).read().decode())' "$AWS_ENDPOINT_URL/_emulator/compute"; }

echo "== The emulator, with the application in it"
started=$(now)
# any free port: 8450 may be somebody's
emulator=$(avm local up --detach --port 0 --speed max --bare --accounts-quota 50 --seed "${SEED:-0}")
port=$(printf '%s' "$emulator" | python -c 'import json, sys; print(json.load(sys.stdin)["endpoint_url"].rsplit(":", 1)[1])')
trap 'avm local down --port "$port"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
environment=$(avm local env --port "$port")
eval "$environment"
echo "Started on port $port in $(since "$started") s."

echo "== What somebody does by hand (docs/deploy.md): the organization, Identity Center in the console, groups of people"
python - <<'PYTHON'
import json, os, urllib.request as http

import boto3

organization = boto3.client("organizations").create_organization(FeatureSet="ALL")["Organization"]
console = http.Request(
    f"{os.environ['AWS_ENDPOINT_URL']}/_emulator/console",
    data=json.dumps({"action": "enable-identity-center"}).encode(),
    headers={"Content-Type": "application/json"},
)
http.urlopen(console).close()
store = boto3.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
groups = ("platform-admins", "payments-developers", "web-developers", "security-auditors", "billing-readers")
for group in groups:
    boto3.client("identitystore").create_group(IdentityStoreId=store, DisplayName=group)
print(f"Organization {organization['Id']}; groups {', '.join(groups)}.")
PYTHON

echo "== avm foundation plan"
avm foundation plan || [ $? -eq 1 ] # 1: something is left to do

echo "== avm foundation apply: guardrails, access, three foundational accounts, logs, security"
laid=$(now)
avm foundation apply
echo "Laid in $(since "$laid") s."

echo "== avm vend $request"
before=$(compute)
asked=$(now)
avm vend "$request"
took=$(since "$asked")
after=$(compute)

echo "== avm status, avm list"
avm status RITM0012345
avm list

account=$(avm status RITM0012345 --json | python -c 'import json, sys; print(json.load(sys.stdin)["account_id"])')
echo "== avm report $account --verify: what it promises, what was seen, and that it is signed"
avm report "$account" --verify

echo "== What AWS says of it"
REQUEST=$(avm status RITM0012345 --json) python - <<'PYTHON'
import json, os, sys

import boto3

account_id = json.loads(os.environ["REQUEST"])["account_id"]
organizations = boto3.client("organizations")
account = organizations.describe_account(AccountId=account_id)["Account"]
parent = organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"]
ou = organizations.describe_organizational_unit(OrganizationalUnitId=parent)["OrganizationalUnit"]["Name"]
attached = organizations.list_policies_for_target(TargetId=account_id, Filter="SERVICE_CONTROL_POLICY")["Policies"]
scps = sorted(policy["Name"] for policy in attached)
print(f"Account {account_id} is {account['State']} in OU {ou}. SCPs on the account itself: {', '.join(scps)}.")
quarantined = any(name.startswith("avm-quarantine") for name in scps)
sys.exit("This account is not what was asked for." if quarantined or (account["State"], ou) != ("ACTIVE", "Dev") else 0)
PYTHON

echo "== How long it took"
REQUEST=$(avm status RITM0012345 --json) BEFORE=$before AFTER=$after TOOK=$took python - <<'PYTHON'
import json, os
from datetime import datetime

request, before, after = (json.loads(os.environ[name]) for name in ("REQUEST", "BEFORE", "AFTER"))


def seconds(began: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()


steps = {step["name"]: seconds(step["started_at"], step["ended_at"]) for step in request["steps"] if step["ended_at"]}
longest = sorted(steps, key=steps.get, reverse=True)[:3]
print(f"Time to ready: {seconds(request['created_at'], request['ready_at']):.1f} AWS-seconds.")
print(f"Longest steps: {', '.join(f'{name} {steps[name]:.1f}' for name in longest)} AWS-seconds.")

functions = {name: used["cpu_ms"] - before["functions"].get(name, {"cpu_ms": 0})["cpu_ms"] for name, used in after["functions"].items()}
parts = {
    "functions": sum(functions.values()),
    "state machine": after["states"]["cpu_ms"] - before["states"]["cpu_ms"],
    "requests": after["requests"]["cpu_ms"] - before["requests"]["cpu_ms"],
}
total = after["total_cpu_ms"] - before["total_cpu_ms"]
print(f"Own compute beside it: {total / 1000:.1f} s of processor ({', '.join(f'{name} {used / 1000:.1f} s' for name, used in parts.items())}).")
print(f"On this machine: {os.environ['TOOK']} s.")
PYTHON
