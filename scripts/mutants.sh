#!/usr/bin/env bash
# Mutation testing of the manager: cargo-mutants changes one place of crates/rtm at a time, and a test of crates/rtm has to
# fail. Works in a clone below the build folder, and goes on where it was stopped.
#
#   scripts/mutants.sh run         every shard that has not been run, against the tests of `rules` without the random ones
#   scripts/mutants.sh survivors   what was missed, against all tests of the crate, as they are in this tree now
#   scripts/mutants.sh report      writes docs/mutants/counts.txt and docs/mutants/missed.txt
#   scripts/mutants.sh ledger [ROW…]   every row of docs/RULES.md (or these): its mutant, and its own tests alone, of which
#                                  one has to fail; writes docs/mutants/ledger.txt
#   scripts/mutants.sh fresh       forgets what was run
#
# Needs `cargo install cargo-mutants --locked`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
readonly SHARDS=24 PACKAGE=tiebreak-rtm FOLDER=crates/rtm
# Without optimisation a mutant is built in a second or two, and the tests that are not random need less than one.
readonly TIMEOUT=60
work=${CARGO_TARGET_DIR:-$root/target}/mutants
export CARGO_TARGET_DIR=$work/build CARGO_INCREMENTAL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_OPT_LEVEL=0
export CARGO_TERM_COLOR=never PROPTEST_MAX_SHRINK_ITERS=0

say() { printf '== %s (%ss)\n' "$*" "$SECONDS"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# A clone at this commit, without what an interrupted run has left in it.
clone() {
    mkdir -p "$work"
    [ -d "$work/tree" ] || git clone --quiet --shared "$root" "$work/tree"
    git -C "$work/tree" fetch --quiet "$root" HEAD
    git -C "$work/tree" checkout --quiet --force --detach "$1"
}

mutants() {
    (cd "$work/tree" && cargo mutants --package "$PACKAGE" --in-place --baseline skip --timeout "$TIMEOUT" \
        --colors never --no-times "$@")
}

run() {
    [ -f "$work/commit" ] || { mkdir -p "$work"; git rev-parse HEAD >"$work/commit"; }
    clone "$(cat "$work/commit")"
    (cd "$work/tree" && cargo test --locked --package "$PACKAGE" --test rules -- --skip random::) ||
        fail 'the tests are red without any mutant'
    for ((shard = 0; shard < SHARDS; shard++)); do
        local out=$work/shards/$shard
        [ -f "$out/done" ] && continue
        rm -rf "$out"
        mkdir -p "$out"
        # 0: all caught; 2: some missed; 3: some timed out. Others are mistakes.
        local code=0
        mutants --output "$out" --shard "$shard/$SHARDS" --cargo-arg=--test=rules -- -- --skip random:: || code=$?
        case $code in 0 | 2 | 3) ;; *) fail "cargo-mutants ended with $code" ;; esac
        touch "$out/done"
        say "shard $shard of $SHARDS"
    done
}

# All lines of one outcome, of all shards.
outcome() { cat "$work"/shards/*/mutants.out/"$1".txt 2>/dev/null | sort -u; }

# The name without the place: `crates/rtm/src/expiry.rs: replace answer -> Outcome with Default::default()`.
nameless() { sed -E 's/^([^:]+):[0-9]+:[0-9]+: /\1: /'; }

# The places may have moved since: a survivor is found by its name.
survivors() {
    clone "$(git rev-parse HEAD)"
    mkdir -p "$work/survivors"
    outcome missed | nameless | sort -u >"$work/survivors/names"
    touch "$work/survivors/caught"
    while IFS= read -r name; do
        grep -qxF -- "$name" "$work/survivors/caught" && continue
        local code=0 out=$work/survivors/out
        rm -rf "$out"
        mutants --output "$out" --file "${name%%: *}" --re "^$(quoted "${name#*: }")\$" </dev/null >/dev/null || code=$?
        case $code in 0) echo "$name" >>"$work/survivors/caught" ;; 2 | 3) ;; *) fail "cargo-mutants ended with $code" ;; esac
        say "$code $name"
    done <"$work/survivors/names"
}

case ${1:-} in
run) run ;;
survivors) survivors ;;
fresh) rm -rf "$work/commit" "$work/shards" "$work/survivors" ;;
*) sed -n '2,13p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
