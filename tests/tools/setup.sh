#!/bin/sh
# Makes .venv with everything that the tests, the demo and the benches need. PYTHON=... chooses the interpreter.
set -eu
cd "$(dirname "$0")/../.."

for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "archmagic needs Python 3.11 to 3.14; none was found${PYTHON:+ as PYTHON=$PYTHON}. Install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi

[ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
exec .venv/bin/python -m tests.tools.install
