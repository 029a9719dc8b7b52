#!/bin/sh
# Copies the images of images.txt into the site's registry, each under the path that it has, with skopeo or else docker.
#
#   sh push-images.sh save                       where the internet is: into the folder images, to be carried over
#   sh push-images.sh registry.protobox/mirror   where the registry is: from the folder images, or else from the internet
#
# Log in before it, with `skopeo login` or `docker login`; for a registry without HTTPS, write `insecure = true` for it into
# registries.conf. Running it again goes on where it has stopped. What skopeo has saved, skopeo has to push; docker takes
# this machine's processor only, skopeo all of them.
set -eu
[ $# = 1 ] || { sed -n 's/^#  */  /p' "$0" >&2; exit 2; }
cd "$(dirname "$0")"
[ -e images.txt ] || { echo "error: there is no images.txt: run \`make bundle\` again where Helm is" >&2; exit 1; }
if command -v skopeo >/dev/null; then tool=skopeo
elif command -v docker >/dev/null; then tool=docker
else echo "error: neither skopeo nor docker is on PATH: install skopeo" >&2; exit 1; fi

sed 's/#.*//; /^ *$/d' images.txt | while read -r image; do
  name=${image%%@*}
  last=${name##*/}
  exact=$image
  case $image in *@*) exact=${name%/*}/${last%%:*}@${image#*@} ;; esac # skopeo takes a tag or a digest, not both
  target=$1/${name#*/}
  saved=images/$(echo "$name" | tr '/:' '__').$tool
  if [ "$1" = save ]; then
    [ ! -e "$saved" ] || continue
    echo "$image"
    mkdir -p images
    rm -rf "$saved.arriving"
    if [ $tool = skopeo ]; then
      skopeo copy --quiet --all "docker://$exact" "dir:$saved.arriving" </dev/null
    else
      docker pull --quiet "$exact" </dev/null
      docker tag "$exact" "$name" </dev/null
      docker save --output "$saved.arriving" "$name" </dev/null
    fi
    mv "$saved.arriving" "$saved"
  else
    echo "$image -> $target"
    if [ $tool = skopeo ]; then
      from=docker://$exact
      [ ! -e "$saved" ] || from=dir:$saved
      skopeo copy --quiet --all "$from" "docker://$target" </dev/null
    elif [ -e "$saved" ]; then
      docker load --quiet --input "$saved" </dev/null
      docker tag "$name" "$target" </dev/null
      docker push --quiet "$target" </dev/null
    else
      docker pull --quiet "$exact" </dev/null
      docker tag "$exact" "$target" </dev/null
      docker push --quiet "$target" </dev/null
    fi
  fi
done
