"""What is known is read from one compiled file as long as that is up to date."""

from __future__ import annotations

import subprocess
import sys

from archmagic.tables import COMPILED, FOLDER, compiled, parse, read_sources, table_of, tables_in


def test_the_compiled_tables_are_up_to_date() -> None:
    assert COMPILED.read_text(encoding="utf-8") == compiled(), "run: python -m archmagic.tables"


def test_every_toml_file_of_the_package_is_in_them() -> None:
    assert {FOLDER / f"{name}.toml" for name in read_sources()} == set(FOLDER.rglob("*.toml"))
    assert table_of("catalog/layers/linear") == tables_in("catalog/layers")["linear"]


def test_an_edited_file_is_told_from_the_compiled_one_and_another_line_end_is_not() -> None:
    sources = read_sources()
    digest, linear = parse(sources)["digest"], sources["catalog/layers/linear"]
    assert parse({**sources, "catalog/layers/linear": linear + b"\n# edited\n"})["digest"] != digest
    assert parse({**sources, "catalog/layers/linear": linear.replace(b"\n", b"\r\n")})["digest"] == digest


def test_the_first_explanation_parses_no_toml() -> None:
    code = "import sys, archmagic; archmagic.explain('ReLU()')._repr_mimebundle_(); assert 'tomllib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
