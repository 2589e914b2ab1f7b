#!/usr/bin/env bash
# Fuzzes: fuzz/run.sh [TARGET [SECONDS]]. Targets: manager (unless told), packed, ndjson, regression; 60 seconds unless told.
# Starts from fuzz/corpus/TARGET and adds nothing to it; what it finds on its way stays below the build folder. Ends with 0 when
# nothing was found, else the input that was found is in fuzz/found, and `fuzz/run.sh TARGET again FILE…` runs it again. No
# target may take more memory than MEMORY_MIB, and none of the readers may ask for more than ALLOCATION_MIB at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly TARGET=${1:-manager} MEMORY_MIB=2048 ALLOCATION_MIB=64 BYTES_MAX=4096 SECONDS_OF_ONE_INPUT=20
[ -d "corpus/$TARGET" ] || { printf 'fuzz/run.sh: there is no target %s\n' "$TARGET" >&2; exit 2; }
build=${CARGO_TARGET_DIR:-$PWD/../target}/fuzz

# libFuzzer's coverage, as the stable compiler has it. Only what is built for a named target gets it: no build script does.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table'
CARGO_TARGET_DIR=$build RUSTFLAGS=$coverage cargo build --locked --release --target "$host" --bin "$TARGET"
program=$build/$host/release/$TARGET

if [ "${2:-}" = again ]; then
    shift 2
    exec "$program" "$@"
fi
found=$build/corpus/$TARGET
mkdir -p "$found" found
# New inputs go to the first folder.
"$program" -max_total_time="${2:-60}" -max_len="$BYTES_MAX" -len_control=20 -rss_limit_mb="$MEMORY_MIB" \
    -malloc_limit_mb="$ALLOCATION_MIB" -timeout="$SECONDS_OF_ONE_INPUT" -print_final_stats=1 -artifact_prefix=found/ \
    "$found" "corpus/$TARGET"
