"""`make zoo-trace`: data followed through every transformers model type that builds on meta, with inputs made up from the model.

Reported: for how many the inputs ran, and of the others why not. Checked: output shapes are those of the library's own forward on
fake tensors; floating-point operations are those that torch.utils.flop_counter counts; ten small models give the same shapes on real
weights; heads and windows are what a config states, or a disagreement listed with its reason in disagreements.toml; and nothing that was
measured contradicts what the modules tell.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .disagreements import listed
from .models import build, model_types
from .passed import passed

ENOUGH = 450
SMALL = (
    "albert", "convnext", "distilbert", "efficientnet", "electra", "mobilenet_v2", "resnet", "segformer", "squeezebert", "swin",
)  # fmt: skip
"""Small enough to be made with real weights."""
UNCOUNTED = {"_grouped_mm", "mv", "dot"}
"""Products that torch.utils.flop_counter leaves out and archmagic counts."""
SECONDS = 120
"""For one model type; more is a failure."""


def follow(model_type: str) -> dict[str, Any] | None:
    """What a pass through a model type gave, and what is wrong with it; None where it does not build."""
    from archmagic.read import read
    from archmagic.trace import trace

    built = build(model_type)
    if built is None:
        return None
    model = built[0]
    started = time.perf_counter()
    forward = trace(model, read(model), "auto", names=False)
    failed = forward.failed
    found: dict[str, Any] = {
        "model_type": model_type,
        "ran": failed is None,
        "seconds": round(time.perf_counter() - started, 2),
        "steps": len(forward.steps),
        "flops": forward.flops,
        "notes": list(forward.notes),
        "faults": [],
    }
    if failed is not None:
        found["failed"] = {"reason": failed.reason, "path": failed.path, "error": failed.error, "line": failed.line, "done": failed.done}
        return found
    found["compared"] = _compare(model, forward, found["faults"])
    if model_type in SMALL:
        real = type(model)(model.config)
        other = trace(real, read(real), "auto", how="real")
        found["real"] = other.failed is None
        if other.failed is not None or _shapes(other) != _shapes(forward):
            found["faults"].append(f"a real pass gives {other.failed or _shapes(other)}, not {_shapes(forward)}")
    return found | passed(model, built[1], forward)


def _shapes(forward: Any) -> list[tuple[int, ...]]:
    return [data.shape for data in forward.outputs]


def _compare(model: Any, forward: Any, faults: list[str]) -> str:
    """The library's own forward, on fake tensors that know nothing of ours, beside it: output shapes and torch's count of operations.
    Gives why where it does not run so (it asks for values, mostly), else ""."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.utils.flop_counter import FlopCounterMode

    from archmagic.trace.auto import proposals
    from archmagic.trace.values import replaced, tensors_in

    made = forward.notes[0]
    given = next(given for given, words in proposals(model) if made.endswith(f": {words}."))
    half = len(forward.notes) > 1
    mode, seen = FakeTensorMode(allow_non_fake_inputs=True), set[str]()  # nothing here is real: the model is on meta

    def fake(tensor: Any) -> Any:
        dtype = torch.bfloat16 if half and tensor.is_floating_point() else tensor.dtype
        with mode:
            return torch.empty(tensor.shape, dtype=dtype, device="meta")

    class Names(torch.utils._python_dispatch.TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            seen.add(func._schema.name.partition("::")[2])
            return func(*args, **(kwargs or {}))

    weights: dict[int, Any] = {}
    tensors = [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
    swapped = {name: weights.setdefault(id(tensor), fake(tensor)) for name, tensor in tensors}
    model.eval()
    try:
        with torch.no_grad(), mode, FlopCounterMode(display=False) as counter, Names(), torch.device("meta"):
            out = torch.func.functional_call(model, swapped, replaced(given.args, fake), replaced(given.kwargs, fake), tie_weights=False)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    shapes = [tuple(tensor.shape) for _, tensor in tensors_in(out, most=64)]
    if shapes != _shapes(forward):
        faults.append(f"outputs {_shapes(forward)}, the library's own forward gives {shapes}")
    counted = counter.get_total_flops()
    if forward.flops < counted or (forward.flops > counted and not seen & UNCOUNTED):
        faults.append(f"{forward.flops:,} operations, torch counts {counted:,}")
    return ""


def _serve(jobs: Any, results: Any) -> None:
    import torch

    torch.set_num_threads(1)
    for model_type in iter(jobs.get, None):
        try:
            results.put((model_type, follow(model_type)))
        except Exception as error:
            results.put((model_type, {"model_type": model_type, "ran": False, "failed": {"reason": "crash", "error": repr(error)[:300]}}))


def run_all(types: list[str], processes: int) -> Iterator[dict[str, Any]]:
    """The results, as they come; a type that takes too long or kills its process is told so."""
    context = multiprocessing.get_context("spawn")
    rest = list(reversed(types))
    workers: list[dict[str, Any]] = [{} for _ in range(processes)]
    while rest or any(worker.get("now") for worker in workers):
        for worker in workers:
            process = worker.get("process")
            now = worker.get("now")
            if process is not None and now:
                late = time.monotonic() - worker["since"] > SECONDS
                if not worker["results"].empty():
                    result = worker["results"].get()[1]
                    worker["now"] = None
                    if result is not None:
                        yield result
                elif late or not process.is_alive():
                    why = "timeout" if late else f"process ended with {process.exitcode}"
                    process.kill()
                    process.join()
                    worker.clear()
                    yield {"model_type": now, "ran": False, "failed": {"reason": "crash", "error": why}}
            if rest and not worker.get("now"):
                if worker.get("process") is None:
                    worker["jobs"], worker["results"] = context.Queue(), context.Queue()
                    worker["process"] = context.Process(target=_serve, args=(worker["jobs"], worker["results"]), daemon=True)
                    worker["process"].start()
                worker["now"], worker["since"] = rest.pop(), time.monotonic()
                worker["jobs"].put(worker["now"])
        time.sleep(0.02)
    for worker in workers:
        if worker.get("process") is not None:
            worker["jobs"].put(None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("types", nargs="*", help="model types; all by default")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write all results here")
    options = parser.parse_args()
    types = options.types or model_types()
    results = []
    for result in run_all(types, options.processes):
        results.append(result)
        if options.json:
            options.json.write_text(json.dumps(results, indent=1))
    return report(results, whole=not options.types)


def report(results: list[dict[str, Any]], whole: bool) -> int:
    """Prints the figures; gives the exit status."""
    ran = [r for r in results if r["ran"]]
    print(f"{len(ran)} of {len(results)} model types ran on inputs made up from the model")
    compared = [r for r in ran if not r["compared"]]
    faulty = [r for r in results if r.get("faults")]
    print(f"{len(compared)} compared with the library's own forward on fake tensors and torch's counter; {len(faulty)} differ")
    for r in faulty:
        print(f"    {r['model_type']}: {'; '.join(r['faults'])[:300]}")
    print(f"{sum(r.get('real', False) for r in ran)} of {len(SMALL)} small ones ran on real weights")
    for reason, count in Counter(r["failed"]["reason"] for r in results if not r["ran"]).most_common():
        print(f"  {count} did not: {reason}")
    for r in results:
        if not r["ran"]:
            print(f"    {r['model_type']}: {r['failed'].get('path', '')}: {r['failed']['error'][:160]}")
    known = listed()
    told = [(r["model_type"], key, value) for r in results for key, value in r.get("wrong", ())]
    wrong = [row for row in told if row[1:] not in known.get(row[0], ())]
    contradictions = [(r["model_type"], text) for r in results for text in r.get("contradictions", ())]
    for row in (*wrong, *contradictions):
        print(f"    {' '.join(map(str, row))}")
    placed, drawn = (sum(bool(r.get(name)) for r in results) for name in ("placed", "drawn"))
    print(f"heads after the pass: {len(wrong)} that no config states and no disagreement explains; {len(contradictions)} contradictions")
    print(f"norm placement measured for {placed} model types, a block drawn for {drawn}")
    return int(bool(wrong or contradictions or faulty) or (whole and len(ran) < ENOUGH))


if __name__ == "__main__":
    sys.exit(main())
