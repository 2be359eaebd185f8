"""An application without webhooks has no path that is not signed with SigV4."""

from pathlib import Path

import requests

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import few_promises
from tests.end_to_end.conftest import Machine


def test_without_the_switch_there_is_no_such_call(tmp_path: Path) -> None:
    with start(Options(speed="max", deploy=False)) as running:
        deploy_application(running.emulator, few_promises(tmp_path), webhooks=False)
        machine = Machine(running)
        answer = requests.post(f"{machine.base}/webhooks/jira", data=b"{}", timeout=60)
        assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})
        functions = machine.application_client("lambda").list_functions()["Functions"]
        assert not any("TakeWebhook" in function["FunctionName"] for function in functions)
