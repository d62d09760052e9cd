#!/bin/sh
# Runs the nightly load: configuration, files, queue, table. Address of the hub:
# MONITORING_HOST and MONITORING_PORT; without a hub everything works just the same.
#
#   run.sh [work folder]
#
# The last line of the output is "trace: <id>".
set -eu

here=$(cd "$(dirname "$0")" && pwd)
ESTATE_WORK=${1:-$(mktemp -d "${TMPDIR:-/tmp}/perl-app.XXXXXX")}
mkdir -p "$ESTATE_WORK"
ESTATE_WORK=$(cd "$ESTATE_WORK" && pwd)
ESTATE_JOB=${ESTATE_JOB:-nightly-$(date +%Y%m%d-%H%M%S)-$$}
MONITORING_SPOOL_DIR=${MONITORING_SPOOL_DIR:-$ESTATE_WORK/spool}
export ESTATE_WORK ESTATE_JOB MONITORING_SPOOL_DIR
rm -f "$ESTATE_WORK"/receiver.json "$ESTATE_WORK"/queue.json "$ESTATE_WORK"/loader.json
mkdir -p "$ESTATE_WORK/incoming"
perl "$here/input/generate.pl" "$ESTATE_WORK/incoming"

# Trace id and span of the job, for every program below.
ids=$(perl "$here/job.pl" begin)
MONITORING_TRACE_ID=$(printf '%s\n' "$ids" | sed -n 's/^MONITORING_TRACE_ID=//p')
MONITORING_PARENT_SPAN=$(printf '%s\n' "$ids" | sed -n 's/^MONITORING_PARENT_SPAN=//p')
export MONITORING_TRACE_ID MONITORING_PARENT_SPAN

status=error
finish() {
    perl "$here/job.pl" end "$status" || true
    echo "work folder: $ESTATE_WORK"
    echo "job: $ESTATE_JOB ($status)"
    echo "trace: $MONITORING_TRACE_ID"
}
trap finish EXIT

perl "$here/config-service.pl" "${ESTATE_CONFIG:-$here/input/estate.ini}"
perl "$here/file-receiver.pl"
perl "$here/queue-service.pl" enqueue
perl "$here/queue-service.pl" work perl "$here/db-loader.pl"

perl -I "$here/lib" -I "$here/../../sdk/perl/lib" -MEstate=read_json,folder -e '
    my ($r, $q, $l) = map { read_json(folder() . "/$_.json") } qw(receiver queue loader);
    print "files: $r->{files_accepted} accepted, $r->{files_rejected} rejected\n";
    print "rows: $r->{rows_accepted} accepted, $r->{rows_rejected} rejected\n";
    print "queue: $q->{done} done, $q->{failed} failed, $q->{retried} retried\n";
    print "table: $l->{rows} rows ($l->{inserted} inserted, $l->{updated} updated, $l->{unchanged} unchanged)\n";
'
status=ok
