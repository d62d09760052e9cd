#!/usr/bin/env bash
# From a fresh clone to a running hub with an application's trace in it. Safe to run again.
#   ./quickstart.sh         installs what is missing, builds, starts the hub, runs the Perl application, prints its trace
#   ./quickstart.sh stop    stops the hub that it started
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
source scripts/common.sh

place=$PWD/target/quickstart
unset HUB_HOME HUB_CONF HUB_DATA
hub() { "$place/hub/bin/hub" "$@"; }

if [[ ${1:-} = stop ]]; then
    [[ -x $place/hub/bin/hub ]] || fail "nothing was started here" "Run ./quickstart.sh first."
    hub stop
    exit
fi
[[ $# = 0 ]] || fail "unknown argument '$1'" "Usage: ./quickstart.sh [stop]"

step "Tools: a JDK, Maven, Perl"
ensure_tools

step "Building the hub"
tarball=$(compgen -G 'distribution/target/monitoring-hub-*.tar.gz' | head -n 1 || true)
if [[ -n $tarball && -z $(find pom.xml protocol hub-core plugins distribution/pom.xml distribution/src -newer "$tarball" \
        \( -name target -prune -o -type f -print \) | head -n 1) ]]; then
    note "$tarball is up to date"
else
    with_progress target/quickstart-build.log ./mvnw -B -pl distribution -am package -DskipTests -DskipITs \
        || { grep -a '^\[ERROR\]' target/quickstart-build.log | head -n 12 >&2
             fail "the build failed" "See target/quickstart-build.log. No network? The first build downloads its libraries."; }
    tarball=$(compgen -G 'distribution/target/monitoring-hub-*.tar.gz' | head -n 1)
fi
note "$tarball ($(du -h "$tarball" | cut -f1))"

step "Starting the hub"
[[ -x $place/hub/bin/hub ]] && hub stop >/dev/null 2>&1 || true
# A new build replaces the program and leaves what it has stored.
rm -rf "$place"/hub/{bin,conf,lib,bundles,plugins}
mkdir -p "$place/hub"
tar -xzf "$tarball" -C "$place/hub" --strip-components=1
# port_or_free PORT: the port, or 0, a free one, where another program has it.
port_or_free() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
        note "port $1 is taken by another program, the hub takes a free one" >&2
        echo 0
    else
        echo "$1"
    fi
}
HUB_TRANSPORTS_TCP_PORT=$(port_or_free 17000) HUB_TRANSPORTS_HTTP_PORT=$(port_or_free 17001) hub start || fail "the hub did not start" "See $place/hub/data/logs/hub.log"
address=$(sed -n 's/.*tcp=\([0-9.]*:[0-9]*\).*/\1/p' "$place/hub/data/run/ready")

step "Running the application: three Perl services and a script"
output=$place/perl-app.out
MONITORING_HOST=${address%:*} MONITORING_PORT=${address#*:} bash examples/perl-app/run.sh "$place/perl-app" >"$output" 2>&1 \
    || { tail -n 20 "$output" >&2; fail "the application failed" "See $output"; }
sed 's/^/    /' "$output"
trace=$(sed -n 's/^trace: //p' "$output")

step "Its trace, over all four programs"
for ((attempt = 0; attempt < 50; attempt++)); do
    tree=$(hub trace "$trace" 2>/dev/null) && ! grep -q 'open' <<<"$tree" && break
    sleep 0.1
done
[[ -n ${tree:-} ]] || fail "the hub does not know the trace $trace" "See $place/hub/data/logs/hub.log and: $place/hub/bin/hub status"
printf '%s\n' "$tree"

step "Done"
cat <<END
    messages     $place/hub/data/events/        (one JSON line each, as the application sent it)
    again        target/quickstart/hub/bin/hub trace $trace
    look inside  target/quickstart/hub/bin/hub shell     then: hub:status, hub:lanes, hub:plugins, lb
    plugins      target/quickstart/hub/plugins/          drop a jar in, replace it, delete it: nothing restarts
    send         applications connect to $address
    log          $place/hub/data/logs/hub.log
    stop         ./quickstart.sh stop
END
