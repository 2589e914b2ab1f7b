//! The codes of diagnostics. docs/SCENARIO.md has the same list with an example each.

/// Every code and what it stands for, ascending.
pub const CODES: [(&str, &str); 38] = [
    (SYNTAX, "something is unexpected or missing"),
    (UNCLOSED, "a bracket, comment or raw text is not closed, or a closing bracket is unmatched"),
    (TEXT, "a text is not closed or has an unknown escape"),
    (NUMBER, "not a valid number"),
    (DEPTH, "brackets nest too deep"),
    (UNKNOWN_FIELD, "a field is unknown"),
    (DUPLICATE_FIELD, "a field or key is given twice"),
    (MISSING_FIELD, "a field is missing"),
    (SHAPE, "a value is of the wrong kind"),
    (UNKNOWN_WORD, "unknown word"),
    (FRACTION, "a number has a fraction"),
    (RANGE, "a number is out of range"),
    (FORMAT, "unknown format"),
    (SPAN, "not a span of time"),
    (ADDRESS, "not an address"),
    (PREFIX, "not a prefix"),
    (HOST_BITS, "a prefix has bits below its length"),
    (FAMILY, "an address is of another family than the client"),
    (NAME, "not a valid name or label"),
    (PATTERN, "not a pattern over event names"),
    (DUPLICATE_NAME, "a name is given twice"),
    (DUPLICATE_LABEL, "a label is given twice"),
    (UNKNOWN_CLIENT, "there is no such client"),
    (UNKNOWN_NEXT_HOP, "the client has no such next hop"),
    (UNKNOWN_ROUTE, "the client has no such route"),
    (UNKNOWN_CHANGES, "the client has no such registration for changes"),
    (UNKNOWN_SWITCH, "there is no such switch"),
    (TOO_LATE, "a step comes after the end"),
    (INTERVAL, "not a valid interval, bound or list"),
    (MISPLACED, "an action, condition or name has no meaning here"),
    (GROUP, "not a valid group or placeholder"),
    (IMPOSSIBLE, "nothing in the scenario can match a pattern or have a subject"),
    (DOUBTFUL, "warning: allowed, but probably a mistake"),
    (HEADER, "recording: a column is missing or unknown"),
    (ROW, "recording: a row cannot be read"),
    (CELL, "recording: a cell cannot be read"),
    (BACKWARDS, "recording: time goes backwards"),
    (MORE, "there are more mistakes than are shown"),
];

pub(crate) const SYNTAX: &str = "S001";
pub(crate) const UNCLOSED: &str = "S002";
pub(crate) const TEXT: &str = "S003";
pub(crate) const NUMBER: &str = "S004";
pub(crate) const DEPTH: &str = "S005";
pub(crate) const UNKNOWN_FIELD: &str = "S010";
pub(crate) const DUPLICATE_FIELD: &str = "S011";
pub(crate) const MISSING_FIELD: &str = "S012";
pub(crate) const SHAPE: &str = "S013";
pub(crate) const UNKNOWN_WORD: &str = "S014";
pub(crate) const FRACTION: &str = "S015";
pub(crate) const RANGE: &str = "S016";
pub(crate) const FORMAT: &str = "S017";
pub(crate) const SPAN: &str = "S020";
pub(crate) const ADDRESS: &str = "S021";
pub(crate) const PREFIX: &str = "S022";
pub(crate) const HOST_BITS: &str = "S023";
pub(crate) const FAMILY: &str = "S024";
pub(crate) const NAME: &str = "S025";
pub(crate) const PATTERN: &str = "S026";
pub(crate) const DUPLICATE_NAME: &str = "S030";
pub(crate) const DUPLICATE_LABEL: &str = "S031";
pub(crate) const UNKNOWN_CLIENT: &str = "S032";
pub(crate) const UNKNOWN_NEXT_HOP: &str = "S033";
pub(crate) const UNKNOWN_ROUTE: &str = "S034";
pub(crate) const UNKNOWN_CHANGES: &str = "S035";
pub(crate) const UNKNOWN_SWITCH: &str = "S036";
pub(crate) const TOO_LATE: &str = "S037";
pub(crate) const INTERVAL: &str = "S038";
pub(crate) const MISPLACED: &str = "S039";
pub(crate) const GROUP: &str = "S040";
pub(crate) const IMPOSSIBLE: &str = "S041";
pub(crate) const DOUBTFUL: &str = "S050";
pub(crate) const HEADER: &str = "S060";
pub(crate) const ROW: &str = "S061";
pub(crate) const CELL: &str = "S062";
pub(crate) const BACKWARDS: &str = "S063";
pub(crate) const MORE: &str = "S099";
