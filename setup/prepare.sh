#!/bin/sh
# Make this checkout ready: system packages, the virtual environment .venv, the project with its test tools.
# May be called at any time; it is quick and silent when nothing is missing. PYTHON=... chooses another Python.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" # Debian keeps traceroute, tcpdump and ldconfig there

is_new_enough="import sys; sys.exit(sys.version_info < (3, 11))"

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c "$is_new_enough" 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

# The programs that experiments and tests run, and the libraries that Qt loads, with a screen and without.
missing_packages() {
    libraries=$(ldconfig -p 2>/dev/null) || libraries=
    for pair in ping:iputils-ping traceroute:traceroute tcpdump:tcpdump iperf3:iperf3 ip:iproute2 unshare:util-linux \
        Xvfb:xvfb xdotool:xdotool; do
        command -v "${pair%%:*}" >/dev/null || echo "${pair#*:}"
    done
    for pair in libEGL.so.1:libegl1 libGL.so.1:libgl1 libxkbcommon.so.0:libxkbcommon0 \
        libfontconfig.so.1:libfontconfig1 libglib-2.0.so.0:libglib2.0-0 libxcb-cursor.so.0:libxcb-cursor0 \
        libxcb-icccm.so.4:libxcb-icccm4 libxcb-keysyms.so.1:libxcb-keysyms1 libxkbcommon-x11.so.0:libxkbcommon-x11-0 \
        libxcb-image.so.0:libxcb-image0 libxcb-render-util.so.0:libxcb-render-util0; do
        case $libraries in
        "" | *"${pair%%:*}"*) ;; # present, or a system without ldconfig that cannot be asked
        *) echo "${pair#*:}" ;;
        esac
    done
}

apt_get() {
    $become env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=1 -o Acquire::http::Timeout=20 \
        -o DPkg::Lock::Timeout=60 "$@" </dev/null
}

# Installs Debian packages when this user may, else says which are missing and how to get them; fails then.
install_packages() {
    if ! command -v apt-get >/dev/null; then
        echo "Missing; please install with the package manager of this system (Debian's names): $*" >&2
        return 1
    fi
    if [ "$(id -u)" = 0 ]; then
        become=
    elif sudo -n true 2>/dev/null; then
        become="sudo -n"
    else
        echo "Missing packages. Please run:  sudo apt-get install $*" >&2
        return 1
    fi
    echo "Installing system packages: $*"
    # The lists of packages may be absent or old, as in a fresh container; they are fetched only when that shows.
    apt_get install --no-install-recommends "$@" >/dev/null 2>&1 && return
    apt_get update >/dev/null && apt_get install --no-install-recommends "$@" && return
    echo "They could not be installed. By hand:  ${become:+sudo }apt-get install $*" >&2
    return 1
}

wanted=$(missing_packages)
if [ -n "$wanted" ]; then
    # shellcheck disable=SC2086 # names of packages, one word each
    install_packages $wanted || echo "Going on without them; what needs them will say so." >&2
fi

stamp=.venv/prepared
state=$({ pwd && cat pyproject.toml; } | cksum)
if [ "$(cat $stamp 2>/dev/null)" = "$state" ] && .venv/bin/python -c "$is_new_enough" 2>/dev/null; then
    exit 0
fi

if ! .venv/bin/python -c "$is_new_enough" 2>/dev/null; then
    python=$(find_python)
    if [ -z "$python" ]; then
        install_packages python3 python3-venv || true
        python=$(find_python)
        if [ -z "$python" ]; then
            echo "Python 3.11 or newer is needed and was not found; PYTHON=/path/to/python3 make ... names one." >&2
            exit 1
        fi
    fi
    if ! "$python" -c "import ensurepip, venv" 2>/dev/null; then
        install_packages "$(basename "$python")-venv"
    fi
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

echo "Installing the project and its test tools into .venv (the first time: a few minutes, about 1 GB on disk)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
echo "$state" >$stamp
