"""A real Jupyter server over a folder, with settings of its own, for tests and pictures: JupyterLab, Notebook 7 or the classic Notebook."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def jupyterlab(folder: Path, home: Path, dark: bool = False) -> Iterator[str]:
    """A JupyterLab over `folder`, to whose address a page as /lab/workspaces/NAME/tree/x.ipynb is appended.

    `home` is an empty folder for its settings and signatures, so that nothing of the user's is read or changed.
    """
    with jupyter("lab", folder, home, dark=dark) as address:
        yield address


@contextlib.contextmanager
def jupyter(application: str, folder: Path, home: Path, *, python: str = sys.executable, dark: bool = False) -> Iterator[str]:
    """Serves `folder` with `jupyter lab`, `notebook` or `nbclassic` of that interpreter's environment; gives the address."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": f"JupyterLab {'Dark' if dark else 'Light'}"}))
    port = free_port()
    command = [
        python, "-m", "jupyter", application, "--no-browser", "--allow-root",
        f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", "--ServerApp.password=",
    ]  # fmt: skip
    with serving(command, f"http://127.0.0.1:{port}", "/api", environment(home), home / "server.log") as address:
        yield address


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], address: str, ready: str, environment: dict[str, str], log_file: Path) -> Iterator[str]:
    """Runs a server while the block does, once `ready` answers at its address."""
    with open(log_file, "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait(server, address + ready, log_file)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:  # a kernel that is busy, on a machine that is
            server.kill()
            server.wait()


def environment(home: Path) -> dict[str, str]:
    """The environment of that server, for commands such as `jupyter trust`."""
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    labs = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    return {**os.environ, **{name: str(home / folder) for name, folder in {**folders, **labs}.items()}}


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(address):
            return
        time.sleep(0.25)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")
