#!/bin/sh
# Installs the program from this bundle, without internet:   sh install.sh [FOLDER]   (default: protobox-cd)
# All of it goes into FOLDER. Where the project is there already, it stays as it is, and only the software is renewed.
set -eu

fail() { echo "error: $1" >&2; exit 1; }

bundle=$(cd "$(dirname "$0")" && pwd)
folder=${1:-protobox-cd}
python=${PYTHON:-python3}

[ -e "$bundle/SHA256SUMS" ] || fail "the bundle is not whole: run \`make bundle\` again, to its end"
(cd "$bundle" && sha256sum --check --quiet SHA256SUMS) || fail "files of the bundle have changed on the way: copy it anew"
found=$("$python" -c 'import platform, sys; print(f"{platform.system()} {platform.machine()}, Python %d.%d" % sys.version_info[:2])')
wanted=$(cat "$bundle/made-for.txt")
[ "$found" = "$wanted" ] || fail "the bundle is for $wanted, and this is $found: name another Python with PYTHON=, or make the bundle there"

if [ ! -e "$folder/Pulumi.yaml" ]; then
  [ ! -d "$folder" ] || rmdir "$folder" || fail "$folder is not empty, and the project is not in it: name another folder"
  rm -rf "$folder.arriving"
  cp -R "$bundle/project" "$folder.arriving"
  mv "$folder.arriving" "$folder"
fi
folder=$(cd "$folder" && pwd)

echo "Installing the Python packages into $folder/.venv."
"$python" -m venv "$folder/.venv"
"$folder/.venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-index \
  --find-links "$bundle/wheels" --require-hashes --requirement "$folder/requirements-lab.lock"
touch "$folder/.venv/installed" # what `make` looks at

home=$folder/.pulumi
for source in "$bundle"/pulumi/bin/* "$bundle"/pulumi/plugins/*; do
  [ -e "$source" ] || continue
  target=$home${source#"$bundle/pulumi"}
  arriving=$home/.arriving-$(basename "$source")
  mkdir -p "$(dirname "$target")"
  rm -rf "$arriving"
  cp -R "$source" "$arriving"
  rm -rf "$target"
  mv "$arriving" "$target"
done

cat > "$home/env" <<END
export PULUMI_HOME="$home"
export PATH="$folder/.venv/bin:$home/bin:\$PATH"
export PULUMI_SKIP_UPDATE_CHECK=true PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
export PIP_NO_INDEX=1 PIP_FIND_LINKS="$bundle/wheels"
END
echo "Installed. In each shell, before anything else:"
echo "  cd $folder && . .pulumi/env"
