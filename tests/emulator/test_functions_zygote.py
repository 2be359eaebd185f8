"""A function's process is a fork of one that has imported much already, and nothing shows it but its quick start."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from avm_emulator.functions import RUNTIME_PYTHON
from avm_emulator.functions.zygote import COMMON_VARIABLES, PRELOADED, Zygotes
from tests.emulator.lab import written

LOOK = """
import json, os, signal, sys
sees = {
    "arguments": sys.argv[1:],
    "command": open("/proc/self/cmdline").read().split("\\0")[3:5],
    "directory": os.getcwd(),
    "files": {n: os.readlink(f"/proc/self/fd/{n}").split(":")[0] for n in os.listdir("/proc/self/fd") if int(n) < 3},
    "open": sum(os.path.exists(f"/proc/self/fd/{n}") for n in range(3, 1000)),
    "flags": str(sys.flags).replace("safe_path=True", "safe_path=False"),
    "leads": os.getpid() == os.getpgid(0) == os.getsid(0),
    "loaded": sorted(name.partition(".")[0] for name in sys.modules),
    "main": sys.modules["__main__"].__spec__.name,
    "path": sys.path,
    "signals": [str(signal.getsignal(number)) for number in range(1, 32)],
    "streams": [str(stream) for stream in (sys.stdin, sys.__stdout__, sys.__stderr__)],
    "variables": dict(os.environ),
}
print(json.dumps(sees), flush=True)
os._exit(3)
"""
ANEW = "app.handler"
"""What the command of a process names that imports all by itself; a zygote's names what it imports."""


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A layer with a module of one of the names that are imported beforehand."""
    return written(tmp_path / "layer", {"yaml.py": "FROM = 'the layer'\n"})


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return written(tmp_path / "code", {"app.py": LOOK})


def variables(layer: Path, **more: str) -> dict[str, str]:
    return {
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "HOME": "/nonexistent",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(layer),
        "TZ": ":UTC",
        **more,
    }


def forked(
    code: Path, environments: Iterable[Mapping[str, str]], then: Callable[[dict[str, Any]], None] = lambda _: None
) -> list[dict[str, Any]]:
    """Return what processes see that come one after the other from the same zygotes; ``then`` follows each."""

    async def fork() -> list[dict[str, Any]]:
        zygotes, seen = Zygotes(RUNTIME_PYTHON, PRELOADED), []
        for environment in environments:
            reading, writing = os.pipe()
            process = await zygotes.fork("app.handler", code, environment, writing)
            os.close(writing)
            assert await process.exit == 3
            seen.append(_read(reading))
            then(seen[-1])
        await zygotes.close()
        return seen

    return asyncio.run(fork())


def _read(output: int) -> dict[str, Any]:
    with os.fdopen(output) as file:
        seen: dict[str, Any] = json.load(file)
        return seen


def test_it_sees_what_a_new_process_sees(code: Path, layer: Path) -> None:
    environment = variables(layer, TABLE="avm")
    ran = subprocess.run(  # noqa: S603  our own runtime
        [RUNTIME_PYTHON, "-B", "-m", "awslambdaric", "app.handler"],
        cwd=code,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        check=False,
    )
    new = json.loads(ran.stdout)
    (fork,) = forked(code, [environment])
    assert fork.pop("command")[1] != ANEW
    assert new.pop("command") == ["awslambdaric", ANEW]
    assert set(new.pop("loaded")) <= set(fork.pop("loaded"))
    assert fork == new


def test_it_has_imported_already_what_the_layers_and_the_runtime_hold(code: Path, layer: Path) -> None:
    (fork,) = forked(code, [variables(layer)])
    assert {"boto3", "yaml"} <= set(fork["loaded"])
    assert {"pydantic", "aws_lambda_powertools", "avm", "avm_emulator"}.isdisjoint(fork["loaded"])


def test_nothing_of_another_function_is_in_its_process(code: Path, layer: Path) -> None:
    first, second = forked(code, [variables(layer, KEY="first's"), variables(layer, TABLE="second's")])
    assert first["variables"]["KEY"] == "first's"
    assert "KEY" not in second["variables"]
    assert second["variables"]["TABLE"] == "second's"


@pytest.mark.parametrize("name", ["yaml.py", "yaml/__init__.py", "six.py"])
def test_code_that_has_a_module_of_its_own_by_such_a_name_gets_it(code: Path, layer: Path, name: str) -> None:
    written(code, {name: "", "app.py": LOOK})
    (fork,) = forked(code, [variables(layer)])
    assert fork["command"][1] == ANEW
    assert "yaml" not in fork["loaded"]


@pytest.mark.parametrize("name", ["PYTHONOPTIMIZE", "AWS_LAMBDA_INITIALIZATION_TYPE", "LC_ALL"])
def test_variables_that_the_imports_or_the_interpreter_depend_on_have_their_effect(
    code: Path, layer: Path, name: str
) -> None:
    common, own = variables(layer), variables(layer, **{name: "1"})
    first, second = forked(code, [common, own])
    assert first["command"][1] != ANEW
    if name in COMMON_VARIABLES:
        assert second["command"][1] != ANEW, "another zygote has begun with it"
    else:
        assert second["command"][1] == ANEW, "it began anew"
    assert second["variables"][name] == "1"


def test_a_zygote_that_somebody_killed_is_followed_by_another(code: Path, layer: Path) -> None:
    written(code, {"app.py": LOOK.replace('"main":', '"parent": os.getppid(), "main":')})
    parents: list[int] = []

    def kills() -> Iterator[Mapping[str, str]]:
        yield variables(layer)
        os.kill(parents[0], signal.SIGKILL)
        yield variables(layer)

    for fork in forked(code, kills(), lambda seen: parents.append(seen["parent"])):
        assert fork["command"][1] != ANEW
    assert len(set(parents)) == 2


def test_layers_that_have_changed_are_imported_anew(code: Path, layer: Path) -> None:
    written(code, {"app.py": LOOK.replace('"main":', '"yaml": __import__("yaml").FROM, "main":')})

    def builds() -> Iterator[Mapping[str, str]]:
        yield variables(layer)
        (layer / "yaml.py").unlink()
        written(layer, {"yaml.py": "FROM = 'a new build of it'\n"})
        yield variables(layer)

    assert [fork["yaml"] for fork in forked(code, builds())] == ["the layer", "a new build of it"]
