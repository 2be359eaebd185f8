"""The page of a report in a real browser: everything is on it, and nothing is fetched for it.

``python -m tests.unit.contracts.test_report_page_rendered FILE`` makes the picture in the documentation.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from avm.contracts.report import Report
from avm.contracts.report_page import page_of
from avm.contracts.signed_report import ALGORITHM, Signature, digest_of

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), None)
SIZE = (1100, 900)

needs_browser = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(BROWSERS)} is installed")


def sample() -> str:
    """Return a report with each status, and with evidence that would be markup."""
    time = "2026-11-26T10:00:00Z"
    rows = [
        ("placement", "account", "compliant", {"ListParents": "ou-ab12-11112222"}),
        ("account-tags", "account", "compliant", {"ListTagsForResource": {"owner": "jane.doe@example.com"}}),
        ("ebs-encryption", "eu-west-1", "compliant", {"GetEbsEncryptionByDefault": True}),
        ("ebs-encryption", "eu-central-1", "violated", {"GetEbsEncryptionByDefault": False}),
        ("guardduty-member", "eu-west-1", "pending", {"GetMembers": "Created"}),
        ("config-recorder", "eu-west-1", "unknown", {"code": "AccessDenied", "message": "<b>no</b> & no more"}),
        ("organization-trail", "account", "deferred", {"GetTrail": None}),
        ("s3-public-access-block", "account", "suppressed", {"exception": {"until": "2026-12-31"}}),
    ]
    return Report.model_validate(
        {
            "account_id": "111122223333",
            "request_id": "RITM0012345",
            "catalog_version": "cec22ee67498",
            "time": time,
            "observation_id": "observe-01JDKQ",
            "ready": False,
            "controls": [
                {"control": control, "scope": scope, "status": status, "evidence": evidence, "observed_at": time}
                for control, scope, status, evidence in rows
            ],
        }
    ).model_dump_json()


def page() -> str:
    text = sample()
    key_id = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    return page_of(text, Signature(key_id=key_id, algorithm=ALGORITHM, digest=digest_of(text), signature="MEQ="))


def browse(profile: Path, *arguments: str) -> str:
    """Run the browser without a window and return what it puts out."""
    assert BROWSER is not None
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
    run = subprocess.run(  # noqa: S603  the browser that is installed
        [*command, *quiet, f"--user-data-dir={profile}", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=240,
    )
    return run.stdout


class Site:
    """Serves the page, and notes what is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        path = Request(environ).path
        self.asked.append(path)
        found = path == "/report.html"
        return Response(page() if found else "", 200 if found else 404, mimetype="text/html")(environ, start_response)


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    served = Site()
    server = make_server("127.0.0.1", 0, served, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield served, f"http://127.0.0.1:{server.server_port}/report.html"
    server.shutdown()
    thread.join()
    server.server_close()


@needs_browser
def test_the_browser_shows_every_row_and_fetches_nothing_else(site: tuple[Site, str], tmp_path: Path) -> None:
    served, url = site
    shown = browse(tmp_path / "profile", "--dump-dom", url)
    report = Report.model_validate_json(sample())
    assert shown.count("<details") == len(report.controls)
    for row in report.controls:
        assert f"<td>{row.control}</td><td>{row.scope}</td>" in shown
    assert "&lt;b&gt;no&lt;/b&gt; &amp; no more" in shown
    # a browser asks each site for its icon by itself
    assert [path for path in served.asked if path != "/favicon.ico"] == ["/report.html"]


@needs_browser
def test_the_browser_draws_it(tmp_path: Path) -> None:
    picture = draw(tmp_path)
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == SIZE
    assert len(content) > 20_000, "it is not an empty page"


def draw(folder: Path) -> Path:
    """Return the picture of the page."""
    source, picture = folder / "report.html", folder / "report.png"
    source.write_text(page(), "utf-8")
    size = f"--window-size={SIZE[0]},{SIZE[1]}"
    browse(folder / "profile", size, f"--screenshot={picture}", source.as_uri())
    return picture


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        shutil.copyfile(draw(Path(made)), sys.argv[1])
