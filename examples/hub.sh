# Shared by the start scripts of examples: a hub to report to, and the worker in C. Sourced by bash behind scripts/common.sh, in the repository's root.

# use_hub FOLDER: the hub of HUB_HOME or of ./quickstart.sh if that runs, else one of the packaged hub, unpacked and started in FOLDER, until end_hub.
# Sets hub (its command), MONITORING_HOST and MONITORING_PORT.
use_hub() {
    local folder=$1 home tarball data
    own_hub=
    hub=
    if [[ -n ${HUB_HOME:-} ]]; then
        "$HUB_HOME/bin/hub" status >/dev/null 2>&1 || fail "the hub of HUB_HOME=$HUB_HOME does not run" "Start it: $HUB_HOME/bin/hub start. Or unset HUB_HOME."
        hub=$HUB_HOME/bin/hub
        data=${HUB_DATA:-$HUB_HOME/data}
    else
        unset HUB_CONF HUB_DATA
        home=$PWD/target/quickstart/hub
        if [[ -x $home/bin/hub ]] && "$home/bin/hub" status >/dev/null 2>&1; then
            note "the one of ./quickstart.sh runs"
        else
            tarball=$(compgen -G 'distribution/target/monitoring-hub-*.tar.gz' | head -n 1 || true)
            [[ -n $tarball ]] || fail "the hub is not built" "Run ./quickstart.sh first."
            home=$folder/hub
            mkdir -p "$home"
            tar -xzf "$tarball" -C "$home" --strip-components=1
            own_hub=$home/bin/hub
            HUB_TRANSPORTS_TCP_PORT=0 HUB_TRANSPORTS_HTTP_PORT=0 "$own_hub" start >"$folder/hub.out" 2>&1 || fail "the hub did not start" "$(tail -n 5 "$folder/hub.out")"
        fi
        hub=$home/bin/hub
        data=$home/data
    fi
    address=$(sed -n 's/.*tcp=\([0-9.]*:[0-9]*\).*/\1/p' "$data/run/ready")
    [[ -n $address ]] || fail "the hub in $data has no TCP transport" "Give it one: transports: tcp in hub.yaml."
    export MONITORING_HOST=${address%:*} MONITORING_PORT=${address#*:}
    note "at $address"
}

end_hub() { [[ -z ${own_hub:-} ]] || "$own_hub" stop >/dev/null 2>&1 || true; }

# build_worker EXAMPLE: its programs in C, into target/examples/EXAMPLE.
build_worker() {
    local log=$PWD/target/examples/$1.log
    mkdir -p target/examples
    { cmake -S "examples/$1" -B "target/examples/$1" && cmake --build "target/examples/$1"; } >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "building the worker failed" "See $log"; }
}

# print_trace ID: as the hub has it, once every span of it has ended.
print_trace() {
    local attempt tree=
    for ((attempt = 0; attempt < 100; attempt++)); do
        tree=$("$hub" trace "$1" 2>/dev/null) && ! grep -q 'open' <<<"$tree" && break
        sleep 0.1
    done
    [[ -n $tree ]] || fail "the hub does not know the trace $1" "See: $hub status"
    printf '%s\n' "$tree"
}
