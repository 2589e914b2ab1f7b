//! The tiebreak command
