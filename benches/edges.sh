#!/usr/bin/env bash
# What inputs at the edges cost: each in a size and in ten times that size, with the time and the memory of the whole command.
#
#   benches/edges.sh            # prints a table; fails if ten times the input takes more than twelve times the time
#
# Times below a tenth of a second are no reason to fail: starting the command takes some of that. Inputs that a bound refuses cost
# what it takes to come to the bound, whatever their size; the last column says how the larger one ended. Needs GNU time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly RATIO_MAX=12
readonly TIME=/usr/bin/time

[ -x "$TIME" ] || { echo "GNU time is absent: nothing was measured"; exit 0; }
cargo build --locked --release --quiet
readonly tiebreak=${CARGO_TARGET_DIR:-target}/release/tiebreak
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A text so many times, a line each, with its number in place of each `&`.
repeated() { seq "$1" | sed "s@.*@$2@"; }
scenario() { printf 'Scenario(format: 1, until: "%s", clients: [%s])\n' "$1" "$2"; }
client() { printf 'Client(name: "%s", protocol: "RIP", script: [At("0s", Register),%s]),' "$1" "$2"; }

# Each writes an input of a size to a file.
# One step that is repeated.
every() { scenario 1h "$(client c " Every(from: \"1s\", period: \"1us\", times: $1, do: Clear(\"told\")),")" >"$2"; }
# Clients that register at one instant and are told of each other.
crowd() { scenario 1s "Client(name: \"c\", protocol: \"RIP\", count: $1, script: [At(\"0s\", Register)])," >"$2"; }
# Words that are no actions, on one line.
actions() { scenario 1h "$(client c "$(repeated "$1" 'At("1s", Registr&),' | tr -d '\n')")" >"$2"; }
# Next hops that there are not, among as many that there are.
next_hops() {
    local added used
    added=$(repeated "$1" 'At("1s", AddNextHop(name: "hop&", address: "192.0.2.1", interface: 1)),')
    used=$(repeated "$1" 'At("2s", AddRoute(name: "r&", dest: "10.0.0.0/8", via: ["hpo&"], metric: 1)),')
    scenario 1h "$(client c "$added$used")" >"$2"
}
# A hundred owners that there are not, beside a group.
owners() {
    local expected
    expected=$(repeated 100 'Best(dest: "10.0.0.0/8", owner: "gruop&", metric: 1),')
    printf 'Scenario(format: 1, until: "1s", clients: [Client(name: "group", protocol: "RIP", count: %s, script: [])], expect: [%s])\n' \
        "$1" "$expected" >"$2"
}
# Parentheses that are never closed.
nested() { repeated "$1" 'Feed(' | tr -d '\n' >"$2"; }
# Clients, a line each.
clients() { scenario 1h "$(repeated "$1" 'Client(name: "c&", protocol: "RIP", script: []),')" >"$2"; }
# Switches, a step each.
switches() {
    printf 'Scenario(format: 1, until: "1h", switches: [%s], clients: [%s])\n' "$(repeated "$1" '"s&",' | tr -d '\n')" \
        "$(client c "$(repeated "$1" 'At("1s", With("s&", [Set("f")])),')")" >"$2"
}
# Switches that there are not, among as many that there are.
no_switches() {
    printf 'Scenario(format: 1, until: "1h", switches: [%s], clients: [%s])\n' "$(repeated "$1" '"s&",' | tr -d '\n')" \
        "$(client c "$(repeated "$1" 'At("1s", With("t&", [Set("f")])),')")" >"$2"
}
# Registrations of one client.
also() {
    scenario 1h "Client(name: \"c\", protocol: \"RIP\", also: [$(repeated "$1" 'Registration(name: "x&"),' | tr -d '\n')], script: [At(\"0s\", Register)])," >"$2"
}
# Patterns beside ten thousand labels.
patterns() {
    printf 'Scenario(format: 1, until: "1h", clients: [%s], expect: [%s])\n' \
        "$(client c "$(repeated 10000 'Step(at: "1s", do: Set("f"), label: "a&"),')")" \
        "$(repeated "$1" 'Never("c/step(a&*)"),')" >"$2"
}
# A recording whose header is commas.
commas() { repeated "$1" , | tr -d '\n' >"$2.csv"; feed_of "$2"; }
# A recording of one line, packed.
endless() { head -c $((64 * $1)) /dev/zero | tr '\0' x | gzip >"$2.csv"; feed_of "$2"; }
# A recording of many rows, each of them wrong.
rows() {
    { echo unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as; repeated "$1" 'x,0,192.0.2.1,W,10.0.0.0/8,,,'; } >"$2.csv"
    feed_of "$2"
}

feed_of() { scenario 1h "Feed(name: \"updates\", file: \"$(basename "$1").csv\")," >"$1"; }

# Prints seconds, mebibytes and exit code of a call. Of a run only the fingerprint is asked for: a trace is as long as the run.
cost_of() {
    local code=0 fingerprint=()
    [ "$1" = check ] || fingerprint=(--fingerprint)
    "$TIME" -f '%e %M' -o "$scratch/cost" "$tiebreak" "$@" "${fingerprint[@]}" >"$scratch/out" 2>&1 || code=$?
    tail -n 1 "$scratch/cost" | awk -v code="$code" '{ print $1, $2 / 1024, code }'
}

failed=0
measure() {
    local verb=$1 kind=$2 size=$3 most=${4:-$RATIO_MAX} small large
    "$kind" "$size" "$scratch/small.ron"
    "$kind" $((10 * size)) "$scratch/large.ron"
    small=$(cost_of "$verb" "$scratch/small.ron")
    large=$(cost_of "$verb" "$scratch/large.ron")
    awk -v verb="$verb" -v kind="$kind" -v size="$size" -v small="$small" -v large="$large" -v most="$most" 'BEGIN {
        split(small, a, " "); split(large, b, " ")
        base = a[1] > 0.01 ? a[1] : 0.01
        ratio = b[1] / base
        verdict = b[1] > 0.1 && ratio > most ? "TOO MUCH" : ""
        printf "%-6s %-10s %9d %8.2f s %7.0f MiB %9d %8.2f s %7.0f MiB %6.1f  exit %d  %s\n", verb, kind, size, a[1], a[2], 10 * size,
            b[1], b[2], ratio, b[3], verdict
        exit verdict != ""
    }' || failed=1
}

printf '%-6s %-10s %9s %10s %11s %9s %10s %11s %6s  %s\n' verb input size time memory size time memory ratio 'how it ends'
measure run every 1000000
# Each of a crowd is told of each other: ten times the clients are a hundred times the callbacks, in larger tables; up to the limit on pending ones.
measure run crowd 100 200
measure run crowd 1000
measure check actions 200
measure check next_hops 200
measure check owners 6553
measure check nested 10000
measure check clients 5000
measure check switches 5000
measure check no_switches 2000
measure check also 3000
measure check patterns 100
measure check commas 2000
measure check endless 100000
measure check rows 10000
exit "$failed"
