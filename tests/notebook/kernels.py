"""A real kernel, of this environment or another, and what a cell sends to the front end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpec

ROOT = Path(__file__).parents[2]


@dataclass
class Reply:
    """What a cell sent.

    Attributes:
        error: the error's name and text, "" if it went well.
        out: data and metadata of its Out, None if it had none.
        shown: data and metadata of what it displayed, Out included.
        printed: what it wrote to stdout and stderr.
        opened: the comms it opened, as `comm_open` carries them.
        sent: what it sent over comms, by comm id.
    """

    error: str = ""
    out: tuple[dict[str, Any], dict[str, Any]] | None = None
    shown: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    printed: str = ""
    opened: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def html(self) -> str:
        return self.shown[-1][0]["text/html"]

    def take(self, message: dict[str, Any]) -> None:
        content, kind = message["content"], message["msg_type"]
        if kind == "stream":
            self.printed += content["text"]
        elif kind == "error":
            self.error = f"{content['ename']}: {content['evalue']}"
        elif kind in ("execute_result", "display_data"):
            self.shown.append((content["data"], content["metadata"]))
            if kind == "execute_result":
                self.out = self.shown[-1]
        elif kind == "comm_open":
            self.opened.append(content)
        elif kind == "comm_msg":
            self.sent.setdefault(content["comm_id"], []).append(content["data"])


class Kernel:
    """Runs cells, as a notebook's front end does."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, code: str) -> Reply:
        """Runs a cell that must succeed."""
        reply = self.try_(code)
        assert not reply.error, reply.error + reply.printed
        return reply

    def try_(self, code: str) -> Reply:
        reply = Reply()
        done = self.client.execute_interactive(code, output_hook=reply.take, timeout=180, stop_on_error=False)
        if done["content"]["status"] == "error" and not reply.error:  # UsageError is told on stderr
            reply.error = f"{done['content']['ename']}: {done['content']['evalue']}"
        return reply

    def value(self, expression: str) -> str:
        """The plain text of an expression."""
        out = self.run(expression).out
        return "None" if out is None else out[0]["text/plain"]

    def complete(self, code: str) -> list[str]:
        """What is offered with the cursor at the end of the code."""
        reply: dict[str, Any] = self.client.complete(code, reply=True, timeout=60)
        return list(reply["content"]["matches"])

    def set_state(self, comm: str, state: dict[str, Any]) -> None:
        """What a front end sends when a reader changes a widget's state."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": comm, "data": data}))


@contextmanager
def running(python: str, ipythondir: Path) -> Iterator[Kernel]:
    """A kernel of that interpreter."""
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"], display_name="test", language="python"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("MPLBACKEND", "PYTHONWARNINGS")}
    # The tests' own debugger support slows the start, and warns.
    manager.start_kernel(cwd=str(ROOT), env={**environment, "IPYTHONDIR": str(ipythondir), "PYDEVD_DISABLE_FILE_VALIDATION": "1"})
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=120)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
