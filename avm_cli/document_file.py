"""Reads a document from a YAML or JSON file, with YAML's own idea of numbers, truth and time."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from avm_cli.errors import BadInput


def read_document(path: Path) -> Any:
    """Return what ``path`` (``-``: standard input) holds, as JSON knows it; times are ISO 8601.

    Raises BadInput with file and line if it cannot be read.
    """
    name = "<stdin>" if path == Path("-") else str(path)
    try:
        text = sys.stdin.read() if path == Path("-") else path.read_text("utf-8-sig")
        content = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
        return json.loads(json.dumps(content, default=_iso8601, allow_nan=False))
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: is not UTF-8 text (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}:{error.lineno}: {error.msg}.") from error
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadInput(f"{name}{line}: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{name}: {' '.join(str(error).split())}.") from error
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: holds what JSON cannot: {error}.") from error


def _iso8601(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__}")
