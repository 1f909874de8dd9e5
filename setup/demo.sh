#!/bin/sh
# Run the first examples without a window, and tell where the results and the picture are.
set -eu
cd "$(dirname "$0")/.."
results=demo-results
picture=$results/two-hosts.png
mkdir -p $results
begun=$(mktemp)
trap 'rm -f "$begun"' EXIT

nepi_gui() {
    echo
    echo "== nepi-gui $*"
    .venv/bin/nepi-gui "$@"
}

nepi_gui --run examples/two-hosts.xml --local-dir $results
nepi_gui --run examples/iperf3-localhost.xml --local-dir $results
nepi_gui --plot $picture examples/two-hosts.xml

echo
echo "Reports of these runs, with traces and run.sqlite beside them:"
find "$PWD/$results" -name report.html -newer "$begun" | sed 's/^/  /'
echo "Picture of the first experiment:"
echo "  $PWD/$picture"
