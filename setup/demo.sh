#!/bin/sh
# Run the first two examples without a window, and tell where the results and the picture are.
set -eu
cd "$(dirname "$0")/.."
results=demo-results
picture=$results/iperf3-localhost.png
mkdir -p $results
begun=$(mktemp)
trap 'rm -f "$begun"' EXIT

nepi_gui() {
    echo
    echo "== nepi-gui $*"
    .venv/bin/nepi-gui "$@"
}

nepi_gui --run examples/ping-localhost.xml --local-dir $results
nepi_gui --run examples/iperf3-localhost.xml --local-dir $results
nepi_gui --plot $picture examples/iperf3-localhost.xml

echo
echo "Reports of these runs, with traces and run.sqlite beside them:"
find "$PWD/$results" -name report.html -newer "$begun" | sed 's/^/  /'
echo "Picture of the second experiment:"
echo "  $PWD/$picture"
