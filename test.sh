#!/usr/bin/env bash
# Installs what is missing and runs every test of every language. Safe to run again.
#   ./test.sh          all
#   ./test.sh java     only the Maven build with its unit, in-container and whole-tarball tests
#   ./test.sh perl     only the Perl SDK and the example application
#   ./test.sh python   only the Python SDK and its examples, also against the packaged hub
#   ./test.sh c        only the C SDK
#   ./test.sh r        only the R SDK and its example, also against the packaged hub
#   ./test.sh conformance   every SDK with the same scenarios; conformance/README.md
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
source scripts/common.sh

what=${1:-all}
[[ $what =~ ^(all|java|perl|python|c|r|conformance)$ ]] || fail "unknown argument '$what'" "Usage: ./test.sh [java|perl|python|c|r|conformance]"
passed=0 failed=0 skipped=0
failures=()

# count_reports FILE...: adds up Surefire's and Failsafe's reports.
count_reports() {
    local counts
    counts=$(perl -0777 -e '
        for (@ARGV) {
            open my $in, "<", $_ or next;
            my ($suite) = <$in> =~ /(<testsuite\b[^>]*>)/ or next;
            my %n = map { $_ => $suite =~ /\b$_="(\d+)"/ ? $1 : 0 } qw(tests errors failures skipped);
            $t += $n{tests}; $f += $n{errors} + $n{failures}; $s += $n{skipped};
        }
        printf "%d %d %d", $t - $f - $s, $f, $s' "$@")
    read -r p f s <<<"$counts"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    note "$p passed, $f failed, $s skipped"
}

test_java() {
    step "Java: unit, in-container and whole-tarball tests (log: target/test-java.log)"
    local ok=0
    find . -path '*/target/*-reports/TEST-*.xml' -delete
    # A failed test keeps no other module's tests from being run: Maven would leave out all that stands on its module.
    with_progress target/test-java.log ./mvnw -B -fae -Dmaven.test.failure.ignore=true verify || ok=$?
    mapfile -t reports < <(find . -path '*/target/*-reports/TEST-*.xml')
    count_reports "${reports[@]}"
    # So Maven is content with failures; what it calls an error is also a test process that died.
    if ((ok != 0)) || grep -qaE '^\[ERROR\]' target/test-java.log; then
        grep -aE '^\[ERROR\]' target/test-java.log | head -n 30 >&2 || true
        failures+=("the Maven build (target/test-java.log)")
    fi
}

# test_perl NAME FOLDER PROVE-ARGUMENTS...
test_perl() {
    local name=$1 folder=$2 log=$PWD/target/test-perl-$(basename "$2").log summary p f
    shift 2
    step "Tests of $name (log: $log)"
    mkdir -p target
    if ! (cd "$folder" && prove --timer --formatter=TAP::Formatter::Console "$@") >"$log" 2>&1 </dev/null; then
        grep -aE 'not ok|Failed|Dubious|died' "$log" | head -n 20 >&2 || true
        failures+=("$name ($log)")
    fi
    summary=$(cd "$folder" && sed -n 's/^Files=\([0-9]*\), Tests=\([0-9]*\).*/\2/p' "$log")
    f=$(grep -acE '^ *Failed test|^#   Failed test' "$log" || true)
    p=$((${summary:-0} - f))
    passed=$((passed + p)) failed=$((failed + f))
    note "$p passed, $f failed"
}

# ensure_tarball NAME: the packaged hub is one of the things that NAME is tested with.
ensure_tarball() {
    mkdir -p target
    compgen -G 'distribution/target/monitoring-hub-*.tar.gz' >/dev/null && return
    step "$1: the tarball of the hub comes first (log: target/test-tarball.log)"
    with_progress target/test-tarball.log ./mvnw -B -pl distribution -am package -DskipTests || failures+=("the tarball (target/test-tarball.log)")
}

# use_python_with_s3: the Python with which direct mode to S3 is tested: one in a folder of the build, where this machine's has no boto3 and moto.
use_python_with_s3() {
    local venv=$PWD/target/python log=$PWD/target/install-python.log
    local wanted=$PWD/hub-core/hub-testservers/src/main/resources/io/monitoringhub/testservers/moto-requirements.txt
    python3 -c 'import boto3, moto.server' 2>/dev/null && return
    ensure_python_venv
    note "installing boto3 and moto into target/python (log: target/install-python.log)"
    mkdir -p target
    if python3 -m venv "$venv" >"$log" 2>&1 && "$venv/bin/pip" install --no-deps -r "$wanted" >>"$log" 2>&1; then
        PATH=$venv/bin:$PATH
    else
        note "they can't be installed: the tests of direct mode to S3 are skipped"
    fi
}

# test_python NAME FOLDER: unittest there.
test_python() {
    local name=$1 folder=$2 log=$PWD/target/test-python-$(basename "$2").log total p f s
    ensure_tarball "$name"
    step "Tests of $name (log: $log)"
    if ! (cd "$folder" && python3 -W error::ResourceWarning -m unittest -v) >"$log" 2>&1 </dev/null; then
        grep -aE '^(FAIL|ERROR)|Error:' "$log" | head -n 20 >&2 || true
        failures+=("$name ($log)")
    fi
    total=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$log")
    f=$(grep -acE '^(FAIL|ERROR): ' "$log" || true)
    s=$(sed -n 's/^\(OK\|FAILED\) (.*skipped=\([0-9]*\).*/\2/p' "$log")
    p=$((${total:-0} - f - ${s:-0}))
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
    note "$p passed, $f failed, ${s:-0} skipped"
}

test_c() {
    local log=$PWD/target/build-c.log
    step "C: building the SDK (log: $log)"
    mkdir -p target
    ensure_c_tools
    if (cd sdk/c && cmake -B build && cmake --build build) >"$log" 2>&1 </dev/null; then
        test_perl "the C SDK" sdk/c -r t
    else
        grep -aE 'error|Error' "$log" | head -n 20 >&2 || true
        failures+=("building the C SDK ($log)")
    fi
}

# R CMD check without the tests, then the tests with the package that it has installed.
test_r() {
    local work=$PWD/target/r log=$PWD/target/check-r.log
    ensure_r
    ensure_tarball R
    step "R: R CMD check (log: $log)"
    rm -rf "$work"
    mkdir -p "$work/lib" "$work/none/src/contrib"
    : >"$work/none/src/contrib/PACKAGES"    # the check looks for dependencies in a repository: here, not in the network
    echo "options(repos = c(CRAN = 'file://$work/none'))" >"$work/profile"
    if (cd "$work" && R CMD build --no-manual ../../sdk/r && R CMD INSTALL -l lib monitoringsdk_*.tar.gz \
        && R_PROFILE=$work/profile R CMD check --no-manual --no-tests monitoringsdk_*.tar.gz) >"$log" 2>&1 </dev/null; then
        note "$(tail -n 3 "$log" | grep '^Status')"
        R_LIBS=$work/lib test_perl "the R SDK" sdk/r --exec Rscript --ext .R tests
    else
        grep -aE 'ERROR|WARNING|rror:' "$log" | head -n 20 >&2 || true
        failures+=("R CMD check ($log)")
    fi
}

test_conformance() {
    local log=$PWD/target/test-conformance.log p f s
    ensure_tarball Conformance
    ensure_c_tools
    ensure_r
    step "Conformance: every SDK with the same scenarios (log: $log)"
    if ! conformance/run >"$log" 2>&1 </dev/null; then
        sed -n '/^$/,$p' "$log" | head -n 30 >&2
        failures+=("the conformance of the SDKs ($log)")
    fi
    read -r p f s < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) not applicable$/\1 \2 \3/p' "$log") || true
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
    note "${p:-0} passed, ${f:-0} failed, ${s:-0} not applicable"
}

step "Tools: a JDK, Maven, Perl, Python"
ensure_tools python3
ensure_commands curl openssl zstd
if [[ $what =~ ^(all|java)$ ]]; then
    ensure_python_venv
    ensure_systemd_analyze
fi
ensure_perl_tls
if [[ $what =~ ^(all|java)$ ]]; then test_java; fi
if [[ $what =~ ^(all|python)$ ]]; then
    use_python_with_s3
    test_python "the Python SDK" sdk/python
    test_python "the direct mode example" examples/direct-mode
    ensure_c_tools
    test_python "the example of Python, Perl and C" examples/mixed-language
fi
if [[ $what =~ ^(all|c)$ ]]; then test_c; fi
if [[ $what =~ ^(all|r)$ ]]; then
    test_r
    ensure_c_tools
    test_python "the example of R, Python and C" examples/data-science
fi
if [[ $what =~ ^(all|perl)$ ]]; then
    ensure_perl_logging
    test_perl "the Perl SDK" sdk/perl -l -r t
    test_perl "the example application" examples/perl-app -r t
    if [[ $what = all ]]; then test_perl "the PostgreSQL example, with the packaged hub" examples/postgresql -r t; fi
fi
if [[ $what =~ ^(all|conformance)$ ]]; then test_conformance; fi

step "Result"
for failure in ${failures+"${failures[@]}"}; do
    note "FAILED: $failure"
done
((${#failures[@]} == 0)) || ((failed > 0)) || failed=${#failures[@]}
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
