#!/usr/bin/env bash
# An analysis in R, a step in Python, a worker in C: builds the worker, installs the R SDK below target, takes a hub that runs or starts the packaged one,
# runs the analysis, and prints its trace as the hub has it. Ends what it has started.
#   run.sh [WORK-FOLDER]      a temporary one without it
set -euo pipefail
[[ $# = 0 ]] || { mkdir -p "$1"; folder=$(readlink -f "$1"); }
cd "$(dirname "$(readlink -f "$0")")/../.."
source scripts/common.sh
source examples/hub.sh
[[ $# -le 1 ]] || fail "too many arguments" "Usage: examples/data-science/run.sh [WORK-FOLDER]"

work=$(mktemp -d "${TMPDIR:-/tmp}/data-science.XXXXXX")
folder=${folder:-$work}
finish() {
    local status=$?
    trap - EXIT
    end_hub
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step "Tools, the R SDK, and the worker in C"
ensure_tools python3
ensure_c_tools
ensure_r
mkdir -p target/r
scripts/install-r.sh >target/r/install.log 2>&1 || { tail -n 20 target/r/install.log >&2; fail "installing the R SDK failed" "See target/r/install.log"; }
build_worker data-science

step "A hub"
use_hub "$work"

step "The analysis in R, with a step in Python and a worker in C"
export MONITORING_SPOOL_DIR=${MONITORING_SPOOL_DIR:-$work/spool}
failed=0
R_LIBS=target/r/lib Rscript --vanilla examples/data-science/analysis.R "$folder" examples/data-science/features.py \
    target/examples/data-science/score-rows >"$work/said" || failed=$?
sed 's/^/    /' "$work/said"
trace=$(sed -n 's/^trace: //p' "$work/said")
[[ -n $trace ]] || fail "the analysis failed before it began" "What it said is above."

step "Its trace, over all three"
print_trace "$trace"
exit "$failed"
