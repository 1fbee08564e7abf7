#!/bin/sh
# Every page against the API's types, and every language against the English texts: a key that is missing does not compile.
#   types.sh WEB-FOLDER
set -eu
cd "$1"
node build.mjs --modules || {
	echo "SKIPPED: the packages of the console are not here and cannot be had"
	exit 77
}
exec node node_modules/typescript/bin/tsc --noEmit --pretty false
