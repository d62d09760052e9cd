# Shared by quickstart.sh and test.sh: says what is done, and gets what is missing. Sourced by bash, not run.

started_at=$SECONDS
step() { printf '\n\033[1m==> %s\033[0m  (%d s)\n' "$*" "$((SECONDS - started_at))" | strip_colour; }
note() { printf '    %s\n' "$*"; }
strip_colour() { if [[ -t 1 ]]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }

# fail MESSAGE ADVICE...
fail() {
    printf '\nFAILED: %s\n' "$1" >&2
    shift
    printf '  %s\n' "$@" >&2
    exit 1
}

java_major() { "$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1; }

has_jdk() {
    local javac=javac
    [[ -n ${JAVA_HOME:-} ]] && javac=$JAVA_HOME/bin/javac
    command -v "$javac" >/dev/null && (("$("$javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')" >= 17))
}

has_maven() { command -v mvn >/dev/null; }

# The core modules that are not in Debian's perl-base.
has_perl() { perl -MJSON::PP -MTime::HiRes -MTest::More -MIO::Socket::INET -e 1 2>/dev/null && command -v prove >/dev/null; }

can_install() { command -v apt-get >/dev/null && [[ $(id -u) = 0 ]]; }

# install_packages PACKAGE...: from Debian; what apt-get says goes to target/install.log. The lists are read once in a run.
packages_are_listed=
install_packages() {
    mkdir -p target
    note "installing $* with apt-get (log: target/install.log)"
    {
        { [[ $packages_are_listed ]] || apt-get update -qq; } \
            && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
    } >>target/install.log 2>&1 </dev/null || return
    packages_are_listed=1
}

# need_packages WHAT PACKAGE...: the same, and the end of the run with advice if that can't be done.
need_packages() {
    local what=$1
    shift
    can_install || fail "$what, and installing packages needs root and apt-get" "Install: $*" "Then run this again."
    install_packages "$@" || { tail -n 5 target/install.log >&2; fail "apt-get could not install $*" "See target/install.log; is a Debian mirror in reach?"; }
}

# ensure_perl_tls: the module that only the tests of the Perl SDK's TLS need. They are left out without it.
ensure_perl_tls() {
    perl -MIO::Socket::SSL -e 1 2>/dev/null && return
    can_install && install_packages libio-socket-ssl-perl && return
    note "Perl has no IO::Socket::SSL (libio-socket-ssl-perl): the tests of its TLS are left out"
}

# ensure_perl_logging: the same, of its adapters for logging libraries.
ensure_perl_logging() {
    perl -MLog::Any -MLog::Log4perl -e 1 2>/dev/null && return
    can_install && install_packages liblog-any-perl liblog-log4perl-perl && return
    note "Perl lacks Log::Any or Log::Log4perl (liblog-any-perl, liblog-log4perl-perl): the tests of its adapter are left out"
}

# ensure_systemd_analyze: what judges the unit of the Debian package. Only looked at; nothing is started.
ensure_systemd_analyze() {
    command -v systemd-analyze >/dev/null && return
    can_install && install_packages systemd && return
    note "systemd-analyze is not here (systemd): the unit is only read by our own test"
}

has_python() { python3 -c 'import sys, fcntl, select, zlib, unittest; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; }

# ensure_tools: JDK, Maven and Perl, and of other tools those that are named (python3), from Debian packages where they are missing.
ensure_tools() {
    local missing=()
    has_jdk || missing+=(openjdk-17-jdk-headless)
    has_maven || missing+=(maven)
    has_perl || missing+=(perl)
    [[ " $* " != *" python3 "* ]] || has_python || missing+=(python3)
    if ((${#missing[@]} == 0)); then
        note "JDK $(javac -version 2>&1 | cut -d' ' -f2), $(mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/Maven \1/p'), Perl $(perl -e 'printf "%vd", $^V'): all here"
        return
    fi
    note "missing: ${missing[*]}"
    command -v apt-get >/dev/null || fail "this system has no apt-get" \
        "Install a JDK >= 17, Maven >= 3.8.6 and Perl >= 5.10 with its core modules, then run this again."
    [[ $(id -u) = 0 ]] || fail "installing packages needs root" "Run: apt-get install ${missing[*]}" "Then run this again."
    local log=target/install.log
    need_packages "a tool is missing" "${missing[@]}"
    # A certificate that an administrator of this machine has added is not yet known to a JDK that came after it.
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null && command -v update-ca-certificates >/dev/null; then
        update-ca-certificates >>"$log" 2>&1 || note "update-ca-certificates failed, see $log"
    fi
    if ! has_jdk || ! has_maven || ! has_perl || { [[ " $* " == *" python3 "* ]] && ! has_python; }; then
        fail "something is still missing after the installation" "See $log, and: javac -version; mvn -v; perl -v; python3 -V"
    fi
}

# ensure_commands NAME...: programs that tests start, each from the Debian package of its name where it is missing.
ensure_commands() {
    local missing=() name
    for name; do command -v "$name" >/dev/null || missing+=("$name"); done
    ((${#missing[@]} > 0)) || return 0
    need_packages "the tests need ${missing[*]}" "${missing[@]}"
}

# ensure_python_venv: what makes virtual environments; a test server is installed into one.
ensure_python_venv() {
    python3 -c 'import venv, ensurepip' 2>/dev/null || need_packages "the tests need Python's venv module" python3-venv
}

has_c() { command -v gcc >/dev/null && command -v g++ >/dev/null && command -v cmake >/dev/null && command -v make >/dev/null \
    && command -v pkg-config >/dev/null; }

# ensure_c_tools: compilers and CMake, from Debian packages where they are missing.
ensure_c_tools() {
    has_c || need_packages "the C SDK needs gcc, g++, make, cmake and pkg-config" gcc g++ libc6-dev make cmake pkg-config
}

has_r() { command -v Rscript >/dev/null && Rscript --vanilla -e 'for (p in c("R6", "jsonlite")) library(p, character.only = TRUE)' >/dev/null 2>&1; }

# ensure_r: R with the two packages that the R SDK uses, and what builds it, from Debian packages where they are missing.
ensure_r() {
    has_r || need_packages "the R SDK needs R with R6 and jsonlite" r-base-core r-cran-r6 r-cran-jsonlite
    command -v gcc >/dev/null && command -v make >/dev/null || need_packages "the R SDK needs gcc and make" gcc libc6-dev make
}

# with_progress LOG COMMAND...: runs it quietly, shows the module that is being built, and the end of the log when it fails.
with_progress() {
    local log=$1 pid shown='' now
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        now=$(grep -aoE '^\[INFO\] (Building Monitoring Hub.*|Running [A-Za-z0-9_.]+)' "$log" 2>/dev/null | tail -n 1 | sed 's/^\[INFO\] //; s/ *\[[0-9/]*\]$//')
        if [[ -n $now && $now != "$shown" ]]; then
            note "$now"
            shown=$now
        fi
        sleep 1
    done
    wait "$pid"
}
