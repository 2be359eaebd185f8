"""Code of functions and layers on disk: unpacked archives, linked directories, and layers merged into ``/opt``.

The code of a function or layer is a zip, uploaded to S3 or sent in the call, as on AWS. Zipping and unzipping a layer
of 20 MB for every start of the emulator costs about a second, so there is a second kind of zip: a *link*, whose only
entry names a directory that is used in place. A link passes through S3, CreateFunction and PublishLayerVersion like
any other zip; only ``unpack`` knows the difference.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

LINK_ENTRY = ".avm-link.json"
"""The only entry of a linked archive: ``{"directory": absolute path, "revision": hash}``."""


def link(directory: Path) -> bytes:
    """Return a zip that points at ``directory`` instead of holding it.

    Its bytes change when a file of the directory changes (by name, size or time of change), so that ``CodeSha256``
    tells old code from new as it does on AWS. The directory must stay where it is while the emulator runs.
    """
    if not directory.is_dir():
        message = f"no directory {directory}: build it first (`make build-host`)"
        raise FileNotFoundError(message)
    revision = hashlib.sha256()
    for parent, folders, files in os.walk(directory):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(parent, name)  # noqa: PTH118  thousands of files: pathlib takes five times as long
            state = os.stat(path)  # noqa: PTH116
            revision.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    manifest = {"directory": str(directory.resolve()), "revision": revision.hexdigest()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # A fixed date: equal content gives equal bytes.
        archive.writestr(zipfile.ZipInfo(LINK_ENTRY, (1980, 1, 1, 0, 0, 0)), json.dumps(manifest))
    return buffer.getvalue()


def unpack(archive: bytes, folder: Path) -> Path:
    """Return the directory that holds the content of a zip: unzipped once into ``folder``, or the linked one."""
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        if content.namelist() == [LINK_ENTRY]:
            return Path(json.loads(content.read(LINK_ENTRY))["directory"])
        target = folder / hashlib.sha256(archive).hexdigest()[:32]
        if not target.exists():
            unfinished = folder / f".{target.name}-{os.getpid()}-{os.urandom(4).hex()}"
            content.extractall(unfinished)
            try:
                unfinished.rename(target)
            except OSError:  # another thread was quicker with the same bytes
                shutil.rmtree(unfinished)
        return target


def merge_layers(layers: Sequence[Path], folder: Path) -> Path | None:
    """Return one directory with the content of all layers, as Lambda lays them out in ``/opt``; None without layers.

    Later layers win over earlier ones. What only one layer has is a symbolic link.
    """
    if not layers:
        return None
    if len(layers) == 1:
        return layers[0]
    target = folder / hashlib.sha256("\n".join(map(str, layers)).encode()).hexdigest()[:32]
    if not target.exists():
        unfinished = folder / f".{target.name}-{os.getpid()}-{os.urandom(4).hex()}"
        _merge(layers, unfinished)
        try:
            unfinished.rename(target)
        except OSError:  # another thread was quicker with the same layers
            shutil.rmtree(unfinished)
    return target


def _merge(sources: Sequence[Path], target: Path) -> None:
    target.mkdir(parents=True)
    for name in sorted({entry.name for source in sources for entry in source.iterdir()}):
        found = [source / name for source in sources if (source / name).exists()]
        if len(found) > 1 and all(path.is_dir() for path in found):
            _merge(found, target / name)
        else:
            (target / name).symlink_to(found[-1], target_is_directory=found[-1].is_dir())
