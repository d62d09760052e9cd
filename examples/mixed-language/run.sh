#!/usr/bin/env bash
# One request through three languages: builds the worker in C, takes a hub that runs or starts the packaged one, starts the API, sends an order, and
# prints its trace as the hub has it. Ends what it has started.
#   run.sh [ORDER]      a file of JSON; input/order.json
set -euo pipefail
order=$(readlink -f "${1:-$(dirname "$(readlink -f "$0")")/input/order.json}")
cd "$(dirname "$(readlink -f "$0")")/../.."
source scripts/common.sh
source examples/hub.sh
[[ $# -le 1 && -r $order ]] || fail "cannot read '${1:-}'" "Usage: examples/mixed-language/run.sh [ORDER]"

work=$(mktemp -d "${TMPDIR:-/tmp}/mixed-language.XXXXXX")
api=
finish() {
    local status=$?
    trap - EXIT
    [[ -z $api ]] || kill "$api" 2>/dev/null || true
    end_hub
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step "Tools, and the worker in C"
ensure_tools python3
ensure_c_tools
build_worker mixed-language

step "A hub"
use_hub "$work"

step "The API in Python"
export MONITORING_SPOOL_DIR=${MONITORING_SPOOL_DIR:-$work/spool}
python3 examples/mixed-language/orders_api.py target/examples/mixed-language/pack-parcels "$work/address" &
api=$!
until [[ -f $work/address ]]; do
    kill -0 "$api" 2>/dev/null || fail "the API did not start" "What it said is above."
    sleep 0.05
done
note "at $(<"$work/address")"

step "An order: the API has it priced by a script in Perl and packed by the worker in C"
taken=0
python3 examples/mixed-language/send_order.py "$(<"$work/address")" "$order" >"$work/answer" || taken=$?
sed 's/^/    /' "$work/answer"
trace=$(sed -n 's/^trace: //p' "$work/answer")
[[ -n $trace ]] || fail "the API gave no answer" "What it said is above."
kill "$api"
wait "$api" || fail "the API ended with $?" "What it said is above."
api=

step "Its trace, over all three"
print_trace "$trace"
exit "$taken"
