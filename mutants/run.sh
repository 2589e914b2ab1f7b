#!/usr/bin/env bash
# Mutation testing of the manager; without an argument it says what there is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo mutants --version >/dev/null || { echo 'needs: cargo install cargo-mutants --locked' >&2; exit 1; }
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
exec cargo run --quiet --locked --release --manifest-path mutants/Cargo.toml -- "$@"
