#!/bin/sh
# Installs this checkout into a folder, every package checked by its hash: install.sh FOLDER EXTRAS
# The image is made by it, and so is a machine without containers: install.sh /opt/syncer report,cluster
# It needs python3 with venv and a package index; nothing is compiled, and no pip is left in the folder.
set -eu
folder=$1
extras=$2
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/tools"
pip() { "$work/tools/bin/pip" --quiet --disable-pip-version-check "$@"; }

pip wheel --no-deps --wheel-dir "$work" "$here"
wheel=$(echo "$work"/*.whl)
pip install --dry-run --ignore-installed --report "$work/needed.json" -c "$here/constraints.txt" "$wheel[$extras]"
python3 "$here/config/container/pinned.py" "$work/needed.json" "$here/requirements.txt" >"$work/pinned.txt"

python3 -m venv --without-pip "$folder"
pip --python "$folder/bin/python" install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r "$work/pinned.txt"
pip --python "$folder/bin/python" install --no-cache-dir --no-deps "$wheel"
