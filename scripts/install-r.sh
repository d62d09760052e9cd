#!/bin/sh
# Puts the R SDK into target/r/lib, where ./test.sh r puts it too, unless the one there is newer than its sources.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
there=target/r/lib/monitoringsdk/DESCRIPTION
if [ -e "$there" ] && [ -z "$(find sdk/r/DESCRIPTION sdk/r/NAMESPACE sdk/r/R sdk/r/src sdk/r/man -type f ! -name '*.o' ! -name '*.so' -newer "$there")" ]; then
    exit 0
fi
mkdir -p target/r/lib
R CMD INSTALL -l target/r/lib sdk/r
