#!/usr/bin/env bash
# Fuzzes a target: fuzz/run.sh TARGET [SECONDS], 60 unless told. The targets are `manager`, `packed`, `ndjson` and `regression`:
# fuzz/targets says what each does. Starts from fuzz/corpus/TARGET and adds nothing to it; what it finds on its way stays below
# the build folder. Ends with 0 when nothing was found, else the input that was found is in fuzz/found, and
# `fuzz/run.sh TARGET again FILE…` runs it again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly BYTES_MAX=4096 SECONDS_OF_ONE_INPUT=20
target=${1:-}
if [ ! -f "targets/$target.rs" ]; then
    printf 'usage: fuzz/run.sh TARGET [SECONDS], or fuzz/run.sh TARGET again FILE…; the targets are: %s\n' \
        "$(basename -s .rs targets/*.rs | paste -sd ' ')" >&2
    exit 2
fi
shift
build=${CARGO_TARGET_DIR:-$PWD/../target}/fuzz
# The manager keeps a run; readers keep what they read, which is small.
case $target in
    manager) memory_mib=2048 ;;
    *) memory_mib=512 ;;
esac

# libFuzzer's coverage, as the stable compiler has it. Only what is built for a named target gets it: no build script does.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table'
CARGO_TARGET_DIR=$build RUSTFLAGS=$coverage cargo build --locked --release --target "$host" --bin "$target"
program=$build/$host/release/$target

if [ "${1:-}" = again ]; then
    shift
    exec "$program" "$@"
fi
found=$build/corpus/$target
mkdir -p "$found" found
# New inputs go to the first folder.
"$program" -max_total_time="${1:-60}" -max_len="$BYTES_MAX" -len_control=20 -rss_limit_mb="$memory_mib" -timeout="$SECONDS_OF_ONE_INPUT" \
    -print_final_stats=1 -artifact_prefix=found/ "$found" "corpus/$target"
