#!/bin/sh
# Check the import contracts of pyproject.toml. Argument: the folder of the checkout (default: this one).
#
# import-linter reads the file system and does not follow the __path__ by which nepi_core.resources also holds the
# checkout's `resources`. So it gets the packages laid out as an installation lays them out: then every module has its
# real name.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
checkout=$(cd "${1:-$here}" && pwd)
layout=$(mktemp -d)
trap 'rm -rf "$layout"' EXIT
cp -R "$checkout/nepi_core" "$checkout/nepi_gui" "$layout"
cp -R "$checkout/resources/." "$layout/nepi_core/resources/"
cd "$layout"
"$here/.venv/bin/python" "$here/.venv/bin/lint-imports" --no-logo --no-cache --config "$checkout/pyproject.toml"
