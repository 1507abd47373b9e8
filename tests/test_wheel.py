from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_wheel_holds_the_view_and_the_catalog_and_nothing_foreign(root: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=root, check=True)
    (wheel,) = tmp_path.glob("archmagic-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    package = root / "archmagic"
    wanted = {path.relative_to(root).as_posix() for ending in ("py", "toml", "json", "js") for path in package.rglob(f"*.{ending}")}
    assert {name for name in names if name.startswith("archmagic/")} == wanted
    assert {"archmagic/static/view.js", "archmagic/static/widget.js"} <= names
    assert any(name.startswith("archmagic/catalog/") and name.endswith(".toml") for name in names)
    foreign = {name for name in names if not name.startswith("archmagic/") and ".dist-info/" not in name}
    assert not foreign
