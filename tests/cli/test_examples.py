"""The example requests are requests that the shipped catalog accepts."""

from pathlib import Path

import pytest
import yaml

from avm.catalog import load_catalog
from avm.domain.request_rules import parse_request
from avm_cli.bulk_file import read_rows
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


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "bulk").iterdir()), ids=lambda path: path.name)
def test_the_rows_of_an_example_are_accepted_by_the_shipped_catalog(path: Path) -> None:
    catalog = load_catalog(ROOT / "layers" / "catalog" / "catalog")
    rows = read_rows(path)
    assert [parse_request(row.body, catalog).name for row in rows] == [row.name for row in rows]
    assert not any(row.problems for row in rows)


def test_the_example_pipeline_plans_pull_requests_and_holds_no_secret() -> None:
    text = (ROOT / "examples" / "pipelines" / "github-actions.yaml").read_text("utf-8")
    (job,) = yaml.safe_load(text)["jobs"].values()
    runs = {step.get("if"): step["run"] for step in job["steps"] if "avm bulk" in step.get("run", "")}
    assert "avm bulk --plan" in runs["github.event_name == 'pull_request'"]
    assert "--plan" not in runs["github.event_name == 'push'"]
    assert "secrets." not in text
