#!/usr/bin/env bash
# Fuzzes the manager: fuzz/run.sh [SECONDS], 60 unless told. Starts from fuzz/corpus and adds nothing to it; what it finds on
# its way stays below the build folder. Ends with 0 when nothing was found, else the input that was found is in
# fuzz/found, and `fuzz/run.sh again FILE…` runs it again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly TARGET=manager MEMORY_MIB=2048 BYTES_MAX=4096 SECONDS_OF_ONE_INPUT=20
build=${CARGO_TARGET_DIR:-$PWD/../target}/fuzz

# libFuzzer's coverage, as the stable compiler has it. Only what is built for a named target gets it: no build script does.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table'
CARGO_TARGET_DIR=$build RUSTFLAGS=$coverage cargo build --locked --release --target "$host" --bin "$TARGET"
program=$build/$host/release/$TARGET

if [ "${1:-}" = again ]; then
    shift
    exec "$program" "$@"
fi
found=$build/corpus
mkdir -p "$found" found
# New inputs go to the first folder.
"$program" -max_total_time="${1:-60}" -max_len="$BYTES_MAX" -len_control=20 -rss_limit_mb="$MEMORY_MIB" -timeout="$SECONDS_OF_ONE_INPUT" \
    -print_final_stats=1 -artifact_prefix=found/ "$found" corpus
