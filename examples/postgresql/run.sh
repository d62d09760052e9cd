#!/usr/bin/env bash
# Hub -> PostgreSQL without docker: starts a server and a hub of its own, runs the Perl application of ../perl-app with its three services,
# and asks the database for the trace. Leaves nothing behind. Run ./quickstart.sh first: it builds what this takes.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
source scripts/common.sh
[[ $# = 0 ]] || fail "unknown argument '$1'" "Usage: examples/postgresql/run.sh"
unset HUB_HOME HUB_CONF HUB_DATA

step "Tools: psql, xz, and what ./quickstart.sh has built"
ensure_tools
command -v psql >/dev/null || need_packages "psql is missing" postgresql-client
command -v xz >/dev/null || need_packages "xz is missing" xz-utils
tarball=$(compgen -G 'distribution/target/monitoring-hub-*.tar.gz' | head -n 1 || true)
server=$PWD/hub-core/hub-testservers/target/servers/postgresql.jar
[[ -n $tarball && -f $server ]] || fail "the hub is not built" "Run ./quickstart.sh first."

# PostgreSQL refuses to run as root, and nobody may not look into root's folders.
work=$(mktemp -d "${TMPDIR:-/tmp}/hub-postgresql.XXXXXX")
chmod 755 "$work"
as_server() { if [[ $(id -u) = 0 ]]; then setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"; else "$@"; fi; }
finish() {
    local status=$?
    trap - EXIT
    HUB_DATA=$work/data "$work/hub/bin/hub" stop >/dev/null 2>&1 || true
    as_server "$work/pg/bin/pg_ctl" -D "$work/pg/data" -m fast -w stop >/dev/null 2>&1 || true
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step "Starting PostgreSQL"
mkdir -p "$work/pg" "$work/hub"
(cd "$work" && jar -xf "$server" && tar -xJf postgres-linux-x86_64.txz -C pg && rm postgres-linux-x86_64.txz)
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" >"$work/password"
if [[ $(id -u) = 0 ]]; then chown -R nobody:nogroup "$work/pg" "$work/password"; fi
as_server "$work/pg/bin/initdb" -D "$work/pg/data" -U postgres --pwfile="$work/password" --auth=scram-sha-256 --encoding=UTF8 --locale=C >/dev/null
export PGHOST=127.0.0.1 PGUSER=postgres PGDATABASE=postgres PGPASSWORD=$password
export PGPORT=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 10000))
as_server "$work/pg/bin/pg_ctl" -D "$work/pg/data" -w -l "$work/pg/log" -o "-p $PGPORT -h 127.0.0.1 -c unix_socket_directories=" start >/dev/null \
    || { cat "$work/pg/log" >&2; fail "the server did not start" "Is port $PGPORT taken? Run this again: it takes another one."; }
psql -X -q -c "CREATE ROLE hub LOGIN PASSWORD '$password'" -c "CREATE DATABASE hub OWNER hub"
export PGUSER=hub PGDATABASE=hub
note "$(psql -X -At -c 'SHOW server_version') on port $PGPORT"

step "Starting the hub"
tar -xzf "$tarball" -C "$work/hub" --strip-components=1
chmod 600 "$work/password"
cat >"$work/hub/conf/hub.yaml" <<END
transports:
  tcp: { port: 0 }
backends:
  events:
    type: postgresql
    url: "jdbc:postgresql://127.0.0.1:$PGPORT/hub"
    user: hub
    password: "\${file:$work/password}"
  spans:
    type: postgresql
    url: "jdbc:postgresql://127.0.0.1:$PGPORT/hub"
    user: hub
    password: "\${file:$work/password}"
    schema: complete
correlation: { merged_spans: true }
routes:
  - { source: "*", types: [span], where: { data.merged: true }, to: [spans] }
  - { source: "*", to: [events] }
END
export HUB_DATA=$work/data
"$work/hub/bin/hub" start || fail "the hub did not start" "$(tail -n 5 "$work/data/logs/hub.log")"
address=$(sed -n 's/.*tcp=\([0-9.]*:[0-9]*\).*/\1/p' "$work/data/run/ready")

step "Running the application: three Perl services and a script"
MONITORING_HOST=${address%:*} MONITORING_PORT=${address#*:} bash examples/perl-app/run.sh "$work/perl-app" >"$work/perl-app.out" 2>&1 \
    || { tail -n 20 "$work/perl-app.out" >&2; fail "the application failed" "Its output is above."; }
sed 's/^/    /' "$work/perl-app.out"
trace=$(sed -n 's/^trace: //p' "$work/perl-app.out")

sql() { psql -X -v ON_ERROR_STOP=1 -v trace="$trace" -P pager=off "$@"; }
# await QUESTION WHAT: until the database answers t.
await() {
    local attempt answer=
    for ((attempt = 0; attempt < 600; attempt++)); do
        answer=$(sql -At <<<"$1" 2>/dev/null || true)
        [[ $answer != t ]] || return 0
        sleep 0.1
    done
    "$work/hub/bin/hub" status >&2 || true
    fail "$2 of the trace $trace are not complete in the database" "$(tail -n 5 "$work/data/logs/hub.log")"
}
await "SELECT open_spans = 0 FROM monitoring.traces WHERE trace_id = :'trace'" "the spans"
await "SELECT count(*) >= (SELECT spans FROM monitoring.traces WHERE trace_id = :'trace') FROM complete.monitoring_events WHERE trace_id = :'trace'" \
    "the merged spans"

step "The same trace, by SQL"
sql -f examples/postgresql/trace.sql
step "Its spans, from a table with one row a span"
sql -f examples/postgresql/spans.sql
step "Jobs"
sql -f examples/postgresql/jobs.sql
step "Done"
note "$(sql -At <<<'SELECT count(*) FROM monitoring.monitoring_events') rows, each exactly once; everything that was started is stopped"
