#!/usr/bin/env bash
# Mutation testing of the manager: cargo-mutants changes one place of crates/rtm at a time, and a test of crates/rtm has to
# fail. Works in a clone below the build folder, and goes on where it was stopped.
#
#   scripts/mutants.sh run         every shard that has not been run, against the tests of `rules` that are not random
#   scripts/mutants.sh survivors   what was missed, against all tests of the crate, as they are now: the quick ones, then all
#   scripts/mutants.sh report      writes docs/mutants/counts.txt and docs/mutants/missed.txt
#   scripts/mutants.sh ledger [ROW…]  each row of docs/RULES.md, or these: under its mutant one of its own tests, run
#                                  alone, has to fail; writes docs/mutants/ledger.txt when asked for all rows
#   scripts/mutants.sh fresh       forgets what was run
#
# What is tested is the last commit, not what is uncommitted. `run` keeps to the commit it was begun with, until `fresh`.
# Needs `cargo install cargo-mutants --locked`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
# Without optimisation a mutant is built in a second or two, and the tests that are not random need less than one.
readonly PACKAGE=tiebreak-rtm SHARDS=24 TIMEOUT=60 CHUNK=40 LEDGER=docs/RULES.md RESULTS=docs/mutants
readonly NOT_RANDOM=(--skip random::) QUICK=(--skip random:: --skip managers_that_hash_alike_answer_alike_for_ever)
work=${CARGO_TARGET_DIR:-$root/target}/mutants
export CARGO_TARGET_DIR=$work/build CARGO_INCREMENTAL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_OPT_LEVEL=0
export CARGO_TERM_COLOR=never PROPTEST_MAX_SHRINK_ITERS=0

say() { printf '== %s (%ss)\n' "$*" "$SECONDS"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# A clone at this commit, without what an interrupted run has left in it. Each mode has its own, so that two can run at once.
clone() {
    tree=$work/$1
    mkdir -p "$work"
    [ -d "$tree" ] || git clone --quiet --shared "$root" "$tree"
    git -C "$tree" fetch --quiet "$root" HEAD
    git -C "$tree" checkout --quiet --force --detach "$2"
}

# Runs cargo-mutants. 0: all are caught; 2: some are missed; 3: some time out. Everything else is a mistake.
mutants() {
    local code=0
    (cd "$tree" && cargo mutants --package "$PACKAGE" --in-place --baseline skip --timeout "$TIMEOUT" \
        --colors never --no-times "$@") </dev/null || code=$?
    case $code in 0 | 2 | 3) ;; *) fail "cargo-mutants ended with $code" ;; esac
}

# The name without the place, which other changes move: `crates/rtm/src/expiry.rs: replace Step<'_>::expire with ()`.
nameless() { sed -E 's/^([^:]+):[0-9]+:[0-9]+: /\1: /'; }

run() {
    [ -f "$work/commit" ] || { mkdir -p "$work"; git rev-parse HEAD >"$work/commit"; }
    clone tree "$(cat "$work/commit")"
    (cd "$tree" && cargo test --locked --package "$PACKAGE" --test rules -- "${NOT_RANDOM[@]}") ||
        fail 'the tests are red without any mutant'
    for ((shard = 0; shard < SHARDS; shard++)); do
        local out=$work/shards/$shard
        [ -f "$out/done" ] && continue
        rm -rf "$out"
        mkdir -p "$out"
        mutants --output "$out" --shard "$shard/$SHARDS" --cargo-arg=--test=rules -- -- "${NOT_RANDOM[@]}"
        touch "$out/done"
        say "shard $shard of $SHARDS"
    done
}

# The mutants of one outcome: caught, missed, timeout, unviable.
outcome() { cat "$work"/shards/*/mutants.out/"$1".txt 2>/dev/null | sort -u; }

# The names that are missed, but for those that the survivors' run has caught since.
missed() {
    touch "$work/killed"
    outcome missed | nameless | grep -vxFf "$work/killed" | sort -u || true
}

survivors() {
    clone survivors "$(git rev-parse HEAD)"
    local name out=$work/again
    for tests in quick all; do
        local filter=()
        [ "$tests" = all ] || filter=(-- -- "${QUICK[@]}")
        rm -f "$work"/chunk.*
        missed | split -l "$CHUNK" - "$work/chunk."
        for chunk in "$work"/chunk.*; do
            local patterns=()
            while IFS= read -r name; do
                # As a regular expression; the place is anywhere.
                name=$(sed -E 's/[][\\.^$*+?(){}|]/\\&/g' <<<"$name")
                patterns+=(--re "^${name%%: *}:[0-9]+:[0-9]+: ${name#*: }\$")
            done <"$chunk"
            rm -rf "$out"
            mutants --output "$out" "${patterns[@]}" --cargo-arg=--tests "${filter[@]}"
            # A name may stand for several places; it is killed when none of them is missed.
            cat "$out"/mutants.out/{missed,timeout}.txt | nameless | sort -u >"$work/alive"
            cat "$out"/mutants.out/{caught,unviable}.txt | nameless | grep -vxFf "$work/alive" >>"$work/killed" || true
            say "$tests: $(missed | wc -l) are missed"
        done
    done
}

report() {
    mkdir -p "$RESULTS"
    local killed_places
    killed_places=$(outcome missed | nameless | grep -cxFf "$work/killed" || true)
    {
        printf 'Mutants of crates/rtm under its own tests. Written by scripts/mutants.sh; missed.txt has the survivors.\n\n'
        printf 'date      %s\nversion   %s\ncommit    %s\nshards    %s of %s\n' "$(date -u +%F)" "$(cargo mutants --version)" \
            "$(git log -1 --format=%cd --date=short "$(cat "$work/commit")")" "$(ls "$work"/shards/*/done | wc -l)" "$SHARDS"
        printf 'by rules  %s of those caught fail a test of `rules` that is not random, the rest only others\n\n' \
            "$(outcome caught | wc -l)"
        printf '%-18s %6s %6s %8s %8s\n' file caught missed timeouts unviable
        {
            outcome caught | nameless | sed 's/^/caught /'
            outcome missed | nameless | grep -xFf "$work/killed" | sed 's/^/caught /' || true
            outcome missed | nameless | grep -vxFf "$work/killed" | sed 's/^/missed /' || true
            outcome timeout | nameless | sed 's/^/timeout /'
            outcome unviable | nameless | sed 's/^/unviable /'
        } | awk '{
            file = $2; sub(/.*\//, "", file); sub(/:$/, "", file)
            count[file, $1]++; count["all", $1]++; files[file] = 1
        }
        function line(file) {
            printf "%-18s %6d %6d %8d %8d\n", file, count[file, "caught"], count[file, "missed"], count[file, "timeout"], \
                count[file, "unviable"]
        }
        END {
            for (file in files) names[++n] = file
            for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (names[j] < names[i]) { t = names[i]; names[i] = names[j]; names[j] = t }
            for (i = 1; i <= n; i++) line(names[i])
            line("all")
            caught = count["all", "caught"] + count["all", "timeout"]
            viable = caught + count["all", "missed"]
            printf "\n%d of %d viable mutants are caught or time out: %d.%d %%\n", caught, viable, \
                int(1000 * caught / viable) / 10, int(1000 * caught / viable) % 10
        }'
    } >"$RESULTS/counts.txt"
    # What was written behind a name stays.
    touch "$RESULTS/missed.txt"
    {
        grep '^#' "$RESULTS/missed.txt" || true
        missed | while IFS= read -r name; do
            grep -F -- "$name · " "$RESULTS/missed.txt" || printf '%s · (no reason yet)\n' "$name"
        done
    } >"$work/missed.txt"
    mv "$work/missed.txt" "$RESULTS/missed.txt"
    cat "$RESULTS/counts.txt"
    say "$killed_places that rules missed are caught by other tests, or since"
}

# What a row has in a column: cells are parted by bars that no backslash precedes.
cell() { sed -E 's/\\\|/\x01/g' <<<"$1" | awk -F'|' -v column="$2" '{ print $column }' | sed -E 's/\x01/|/g; s/^ +| +$//g'; }

# Applies the first mutant of this name to the tree.
apply() {
    local name=$1
    (cd "$tree" && cargo mutants --list --diff --line-col=false --package "$PACKAGE" --file "${name%%: *}") |
        awk -v name="$name" 'BEGIN { change = name; sub(/^[^:]*: /, "", change) }
            /^--- / && wanted { take = 1 }
            $0 == name { if (!seen) wanted = 1; seen = 1; take = 0; next }
            /^crates\/[^ ]*: (replace|delete) / { wanted = 0; take = 0 }
            take { if ($0 == "+++ " change) print "+++ " file; else { if ($1 == "---") file = $2; print } }' >"$work/patch"
    [ -s "$work/patch" ] || return 1
    git -C "$tree" apply -p0 "$work/patch"
}

# Says how a row stands: red, or what is wrong.
row() {
    local line=$1 name tests
    name=$(cell "$line" 7 | tr -d '`')
    case $name in 'no mutant: '*) echo "$name"; return ;; esac
    tests=$(cell "$line" 5 | grep -oE '`rtm::[^`]+`' | tr -d '`' | sed 's/^rtm:://')
    git -C "$tree" checkout --quiet --force
    apply "$name" || { echo 'there is no such mutant'; return; }
    (cd "$tree" && cargo test --quiet --locked --package "$PACKAGE" --test rules --no-run) >"$work/build.log" 2>&1 ||
        { echo 'does not build'; return; }
    local code=0
    # shellcheck disable=SC2086
    (cd "$tree" && timeout "$TIMEOUT" cargo test --quiet --locked --package "$PACKAGE" --test rules -- --exact $tests) \
        >"$work/row.log" 2>&1 </dev/null || code=$?
    case $code in 0) echo 'green: its tests do not see the mutant' ;; *) echo red ;; esac
}

ledger() {
    clone ledger "$(git rev-parse HEAD)"
    local stand all=0 red=0 none=0 wrong=0 key rows=$work/rows
    mkdir -p "$rows"
    local state
    state=$(git rev-parse "HEAD:crates/rtm")
    while IFS= read -r line; do
        local rule
        rule=$(cell "$line" 2)
        [ $# -eq 0 ] || [[ " $* " == *" $rule "* ]] || continue
        # Known already, as long as neither the row nor the crate is another.
        key=$(printf '%s %s' "$state" "$line" | git hash-object --stdin)
        [ -f "$rows/$key" ] || row "$line" >"$rows/$key.part"
        [ -f "$rows/$key" ] || mv "$rows/$key.part" "$rows/$key"
        stand=$(cat "$rows/$key")
        all=$((all + 1))
        case $stand in red) red=$((red + 1)) ;; 'no mutant: '*) none=$((none + 1)) ;; *) wrong=$((wrong + 1)); echo "$rule: $stand" ;; esac
        [ "$stand" = red ] || [ $# -eq 0 ] || echo "$rule: $stand"
    done < <(grep -E '^\| (RTM|D)-[0-9]+ \|' "$tree/$LEDGER")
    local summary="$all rows: the tests of $red are red under the row's mutant, $none have no mutant and say why, $wrong are wrong"
    say "$summary"
    if [ $# -eq 0 ]; then
        mkdir -p "$RESULTS"
        printf '%s\n%s, %s\n' "$summary" "$(date -u +%F)" "$(cargo mutants --version)" >"$RESULTS/ledger.txt"
    fi
    [ "$wrong" -eq 0 ]
}

case ${1:-} in
run | survivors | report | ledger) "$@" ;;
fresh) rm -rf "$work/commit" "$work/shards" "$work/killed" "$work/rows" ;;
*) sed -n '2,14p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
