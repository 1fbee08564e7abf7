#!/bin/sh
# Installs a completion script under the name its shell looks for: install-completion.sh FILE FOLDER NAME
set -eu
case $2 in
/*) folder=${DESTDIR:-}$2 ;;
*) folder=$MESON_INSTALL_DESTDIR_PREFIX/$2 ;;
esac
mkdir -p "$folder"
cp "$1" "$folder/$3"
chmod 644 "$folder/$3"
