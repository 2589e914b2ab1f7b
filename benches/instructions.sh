#!/usr/bin/env bash
# Counts the instructions and the mispredicted branches that Tiebreak spends on an event or on a call of the manager, and compares them with
# benches/instructions.txt. Counts do not depend on how busy the machine is, so that 2 % are seen anywhere.
#
#   benches/instructions.sh            # compares; fails if a count has grown by more than 2 %
#   benches/instructions.sh --accept   # writes the counts of now to benches/instructions.txt
#
# A count is the difference of two runs of different length under callgrind, divided by the difference in events: what
# setting up costs cancels out. Workloads are those of benches/versus. Another compiler or another C library has other
# counts: the file says which compiler made it. Lines of the routing table manager begin with "table". Without valgrind it says so and exits 0.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly COUNTS=instructions.txt
readonly TARGET=versus/target/instructions
readonly ALLOWED_PERCENT=2
# Mispredictions are simulated, and depend on where code and data lie: half a one an event comes and goes between runs of
# large calendars. So many an event more are no reason to fail.
readonly ALLOWED_MISPREDICTED=0.8

# workload, distribution, size, warm-up, events of the short run, events of the long one; settings of timers an event;
# what records: nothing, or the fingerprint of the run, or that with its layers, or a trace that is written as text
readonly WORKLOADS='
hold    exp     64     16384  16384  131072 1
hold    exp     1024   16384  16384  131072 1
hold    exp     16384  32768  16384  131072 1
hold    exp     262144 262144 16384  131072 1
hold    const   16384  32768  16384  131072 1
hold    tick    16384  32768  16384  131072 1
churn   timeout 1024   4096   2048   16384  10
churn   timeout 16384  4096   2048   16384  10
actors  exp     1024   16384  16384  131072 1
actors  exp     65536  65536  16384  131072 1
fan-out const   16     16384  16384  131072 1
fan-out const   256    16384  16384  131072 1
burst   const   16384  16384  16384  131072 1
hold    exp     64     16384  16384  131072 1 run
hold    exp     64     16384  16384  131072 1 layered
hold    exp     64     16384  16384  131072 1 text
actors  exp     1024   16384  16384  131072 1 run
actors  exp     1024   16384  16384  131072 1 layered
burst   const   16384  16384  16384  131072 1 run
'

# The routing table manager: workload, operations of the short run, of the long one; each with few routes and with many, so that
# what grows with the table is seen.
readonly MANAGER='
load      500  2500
exact     500  2500
find      500  2500
find-many 512  2560
longest   500  2500
forward   2500 12500
forward-many 512 2560
read      512  2560
enumerate 512  2560
unheard   500  2500
unconcerned 500 2500
refresh   500  2500
best      500  2500
flap      500  2500
reference 500  2500
tell      40960 204800
drain     64   960
'
readonly ROUTES='1000 100000'

accept=no
case "${1:-}" in
'') ;;
--accept) accept=yes ;;
*)
    echo "usage: benches/instructions.sh [--accept]" >&2
    exit 2
    ;;
esac

if ! command -v valgrind >/dev/null; then
    echo 'valgrind is absent: instructions are not counted'
    exit 0
fi

cargo build --locked --quiet --release --no-default-features --manifest-path versus/Cargo.toml --target-dir "$TARGET"
cargo build --locked --quiet --release -p tiebreak-table --manifest-path ../Cargo.toml --target-dir "$TARGET"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints instructions and mispredicted branches of a whole run of a peer, conditional and indirect ones together.
count() {
    valgrind --quiet --tool=callgrind --branch-sim=yes --callgrind-out-file="$scratch/out" \
        "$TARGET/release/tiebreak-versus" --case "$@" >"$scratch/result" 2>"$scratch/recorded"
    awk '/^events:/ { for (i = 2; i <= NF; i++) place[$i] = i }
         /^(summary|totals):/ { print $place["Ir"], $place["Bcm"] + $place["Bim"]; exit }' "$scratch/out"
}

# Prints the same of a run of the manager.
count_manager() {
    valgrind --quiet --tool=callgrind --branch-sim=yes --callgrind-out-file="$scratch/out" \
        "$TARGET/release/table" "$@" >"$scratch/result" 2>"$scratch/recorded"
    awk '/^events:/ { for (i = 2; i <= NF; i++) place[$i] = i }
         /^(summary|totals):/ { print $place["Ir"], $place["Bcm"] + $place["Bim"]; exit }' "$scratch/out"
}

# Prints a line of the table: what two runs differ in, for each unit of what they differ by.
line() {
    awk -v name="$1" -v first="$2" -v second="$3" -v units="$4" 'BEGIN {
        split(first, a, " "); split(second, b, " ")
        printf "%-24s %12.1f %12.3f\n", name, (b[1] - a[1]) / units, (b[2] - a[2]) / units
    }'
}

compiler=$(rustc --version)
{
    echo "# Instructions and mispredicted branches an event: benches/instructions.sh --accept"
    echo "# $compiler"
    printf '%-24s %12s %12s\n' '# workload' instructions mispredicted
} >"$scratch/now"
while read -r workload distribution size warm_up short long units records; do
    [ -n "$workload" ] || continue
    peer=tiebreak${records:+-$records}
    first=$(count "$peer" "$workload" "$distribution" "$size" "$warm_up" "$short")
    second=$(count "$peer" "$workload" "$distribution" "$size" "$warm_up" "$long")
    line "$workload,$distribution,$size${records:+,$records}" "$first" "$second" $(((long - short) * units)) >>"$scratch/now"
done <<<"$WORKLOADS"
while read -r workload short long; do
    [ -n "$workload" ] || continue
    for routes in $ROUTES; do
        first=$(count_manager "$workload" "$routes" "$short")
        second=$(count_manager "$workload" "$routes" "$long")
        line "table,$workload,$routes" "$first" "$second" $((long - short)) >>"$scratch/now"
    done
done <<<"$MANAGER"

if [ "$accept" = yes ]; then
    cp "$scratch/now" "$COUNTS"
    cat "$COUNTS"
    echo "written to benches/$COUNTS"
    exit 0
fi
[ -f "$COUNTS" ] || { echo "benches/$COUNTS is missing: benches/instructions.sh --accept writes it" >&2; exit 1; }
grep -qxF "# $compiler" "$COUNTS" || echo "note: the counts were made by $(sed -n '2s/^# //p' "$COUNTS"), this is $compiler"

awk -v percent="$ALLOWED_PERCENT" -v slack="$ALLOWED_MISPREDICTED" '
    function change(now, before) { return before > 0 ? sprintf("%+.1f %%", (now / before - 1) * 100) : "new" }
    /^#/ { next }
    NR == FNR { instructions[$1] = $2; mispredicted[$1] = $3; next }
    FNR == 4 { printf "%-24s %12s %9s %12s %9s\n", "workload", "instructions", "", "mispredicted", "" }
    {
        verdict = ""
        if (!($1 in instructions)) verdict = "not in the file"
        else if ($2 > instructions[$1] * (1 + percent / 100)) verdict = "MORE INSTRUCTIONS"
        else if ($3 > mispredicted[$1] * (1 + percent / 100) + slack) verdict = "MORE MISPREDICTED"
        if (verdict != "") failed = 1
        printf "%-24s %12.1f %9s %12.3f %9s  %s\n", $1, $2, change($2, instructions[$1]), $3,
            change($3, mispredicted[$1]), verdict
    }
    END {
        if (failed) print "\nfailed: find out why, or accept the counts with benches/instructions.sh --accept"
        exit failed
    }' "$COUNTS" "$scratch/now"
