#!/bin/sh
# Makes one static library of the rooms' own, in which only what include/hilf.h declares can be linked to: all objects
# become one, whose hidden symbols become local.
#   static-library.sh OUTPUT WORK-FOLDER LIBRARY...
set -eu
output=$1 work=$2
shift 2
mkdir -p "$work"
"${LD:-ld}" -r -o "$work/hilf.o" --whole-archive "$@" --no-whole-archive
"${OBJCOPY:-objcopy}" --localize-hidden "$work/hilf.o"
rm -f "$output"
"${AR:-ar}" rcsD "$output" "$work/hilf.o"
