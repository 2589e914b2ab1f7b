//! Criterion benches of Tiebreak
