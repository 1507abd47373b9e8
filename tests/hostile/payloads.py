"""Texts that would run, load or look like something else if a place let them through, and a model and a print that hold them everywhere."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from archmagic import Explanation, explain

MARK = "pwned"
RUN = f"window.{MARK}=1"
URL = f"http://{MARK}.example/x"

PAYLOADS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"\"><img src='{URL}' onerror='{RUN}'>",
    f"'><svg onload={RUN}>",
    f"' onmouseover='{RUN}' x='",
    f'" autofocus onfocus="{RUN}" x="',
    f"<iframe src='javascript:{RUN}'></iframe>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"[x](javascript:{RUN})",
    f"![x]({URL}.png)",
    f"<{URL}>",
    f"`\n\n<b onclick={RUN}>{MARK}</b>\n\n`",
    f"</pre></details></div><{MARK}-element>",
    f"</style><style>@import '{URL}';</style>",
    f"</title><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"${{{RUN}}}",
    f"{{{{{RUN}}}}}",
    f"\\u003cscript>{RUN}\\u003c/script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f'"] --> x; click n1 "javascript:{RUN}"',
    f"|x| $$\\href{{javascript:{RUN}}}{{x}}$$",
    "\x1b]8;;http://pwned.example\x07x\x1b]8;;\x07\x1b[2J\x1b[31m",
    "\u202egnp.exe\u2066 \u2028 \u2029 \x00 \x9b31m \ud800",
)


def _class(name: str, text: str, **more: Any) -> type[nn.Module]:
    name, doc = (part.replace("\0", "").encode("utf-8", "replace").decode() for part in (name, text))  # as Python asks of a class
    return type(name, (nn.Module,), {"__doc__": doc, "extra_repr": lambda self: text, "__module__": doc, **more})


def hostile_model() -> nn.Module:
    """Each text as an attribute name, a class name, an argument, a docstring, a setting, a tensor, a config and an error of forward."""

    def fail(self: Any, x: Any) -> Any:
        raise ValueError("".join(PAYLOADS))

    model: nn.Module = _class(PAYLOADS[0] + "Root", PAYLOADS[1], forward=fail)()
    model.__dict__["config"] = {text: text for text in PAYLOADS} | {"model_type": PAYLOADS[2], "architectures": list(PAYLOADS)}
    for at, text in enumerate(PAYLOADS):
        part = _class(text, text)()
        part.__dict__.update({text: text, "hidden_act": text, "num_heads": at})
        part._parameters[text] = nn.Parameter(torch.zeros(1))
        part._buffers[text + "b"] = torch.zeros(1)
        part._modules[text] = nn.Linear(2, 2)
        model._modules[text] = part
    return model


def hostile_print() -> str:
    """Each text where a print has names, types, arguments and lines that no rule reads."""
    lines = ["Odd("]
    for at, text in enumerate(PAYLOADS):
        flat = text.replace("\n", " ")
        lines += [f"  (a{at}): Linear(in_features=2, out_features=2, note={flat!r}, bias=True)", f"  {flat}"]
        lines += [f"  ({flat.replace('(', '').replace(')', '')}): Foo(x={flat!r})", f"  (u{at}): {flat}"]
    return "\n".join([*lines, ")"])


def explanation_of(what: str) -> Explanation:
    """That of "model", followed into its failing forward, or of "print"."""
    return explain(hostile_model(), inputs=(1, 2)) if what == "model" else explain(hostile_print())
