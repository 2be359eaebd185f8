"""The example requests are requests that the shipped catalog accepts."""

from pathlib import Path

import pytest

from avm.catalog import load_catalog
from avm.domain.request_rules import parse_request
from avm_cli.request_file import read_request

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "requests").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_accepted_by_the_shipped_catalog(path: Path) -> None:
    request = parse_request(read_request(path), load_catalog(ROOT / "layers" / "catalog" / "catalog"))
    assert request.name


def test_the_examples_have_different_names_and_ids() -> None:
    requests = [read_request(path) for path in EXAMPLES]
    assert len({request["name"] for request in requests}) == len(EXAMPLES) >= 4
    ids = [request["request_id"] for request in requests if "request_id" in request]
    assert len(ids) == len(set(ids))
