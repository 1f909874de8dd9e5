#!/bin/sh
# All checks, one after the other; a failure does not hide the results of the next ones.
set -u
cd "$(dirname "$0")/.."
failed=

check() {
    echo "== $*"
    "$@" || failed="$failed
  $*"
}

check .venv/bin/python -m ruff check
check .venv/bin/python -m ruff format --check
check .venv/bin/python -m mypy
check sh setup/lint-imports.sh
check .venv/bin/python -m pytest

if [ -n "$failed" ]; then
    echo "Failed:$failed"
    exit 1
fi
