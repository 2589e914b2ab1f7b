#!/bin/sh
# Whose instructions they are that a search of each machine executes: the machine's, those of the world around it, or the
# framework's. Instructions are counted by callgrind, so the same sources give the same numbers, whatever else the computer does.
# How they are charged is said in shown/src/bin/overhead/main.rs.
#
#   ./overhead.sh              the table; takes some minutes
#   ./overhead.sh --quick      one run of each
#   DETAILS=30 ./overhead.sh   with the thirty functions of each that take most
#
# Needs valgrind, and addr2line and nm of the binutils.
set -eu
cd "$(dirname "$0")"
for tool in valgrind addr2line nm; do
    command -v "$tool" >/dev/null || { echo "overhead.sh needs \`$tool\`, which is not installed" >&2; exit 1; }
done
root=$(cd .. && pwd)
target=${CARGO_TARGET_DIR:-$PWD/target}/release
profile=$(mktemp)
trap 'rm -f "$profile"' EXIT
# Line tables say from which source an instruction comes; they change nothing in the code.
CARGO_PROFILE_RELEASE_DEBUG=1 cargo build --release --workspace --bins --quiet

# The machine, what its program is to do, what that is called, and the folders of the machine's crates.
measure() {
    machine=$1 words=$2 world=$3 crates=$4
    program=$target/tiebreak-outside-$machine
    # shellcheck disable=SC2086
    valgrind --tool=callgrind --quiet --dump-instr=yes --compress-strings=no --compress-pos=no --demangle=no \
        --callgrind-out-file="$profile" "$program" $words $quick >/dev/null
    printf '%-8s %-20s ' "$machine" "$world"
    # shellcheck disable=SC2086
    "$target/overhead" "$profile" "$program" "$root" "${DETAILS:-0}" $crates
}

quick=${1:-}
printf '%-8s %-20s %9s %9s %9s %9s %10s\n' machine world machine world framework others 'million'
measure smoltcp 'sweep large' 'everything at once' smoltcp-0.14.0
measure smoltcp 'sweep bulk' 'much that is written' smoltcp-0.14.0
measure foca sweep 'drawn clusters' foca-2.0.0
measure raft 'sweep plain' plain 'raft-0.7.0 raft-proto-0.7.0'
for world in loss partial-and-ties open-streams; do
    measure sctp "$world sweep" "$world" sctp-proto-0.10.8
done
measure mqtt sweep 'every care' mqtt-protocol-core-0.7.9
