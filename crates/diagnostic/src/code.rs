//! The codes of diagnostics. The manual, docs/SCENARIO.md, has its table of them from here.

/// Defines each code once, with what it stands for.
macro_rules! codes {
    ($($name:ident $code:literal $meaning:literal)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*

        /// Every code and what it stands for, ascending.
        pub const CODES: &[(&str, &str)] = &[$(($name, $meaning)),*];
    };
}

codes! {
    SYNTAX "S001" "something is unexpected or missing"
    UNCLOSED "S002" "a bracket, comment or raw text is not closed, or a closing bracket is unmatched"
    TEXT "S003" "a text is not closed or has an unknown escape"
    NUMBER "S004" "not a valid number"
    DEPTH "S005" "brackets nest too deep"
    UNKNOWN_FIELD "S010" "a field is unknown"
    DUPLICATE_FIELD "S011" "a field or key is given twice"
    MISSING_FIELD "S012" "a field is missing"
    SHAPE "S013" "a value is of the wrong kind"
    UNKNOWN_WORD "S014" "unknown word"
    FRACTION "S015" "a number has a fraction"
    RANGE "S016" "a number is out of range"
    FORMAT "S017" "unknown format"
    SPAN "S020" "not a span of time"
    ADDRESS "S021" "not an address"
    PREFIX "S022" "not a prefix"
    HOST_BITS "S023" "a prefix has bits below its length"
    FAMILY "S024" "an address is of another family than the client or the destination"
    NAME "S025" "not a valid name or label"
    PATTERN "S026" "not a pattern over event names"
    DUPLICATE_NAME "S030" "a name is given twice, or the number of an entity"
    DUPLICATE_LABEL "S031" "a label is given twice"
    UNKNOWN_CLIENT "S032" "there is no such client"
    UNKNOWN_NEXT_HOP "S033" "the client has no such next hop"
    UNKNOWN_ROUTE "S034" "the client has no such route"
    UNKNOWN_CHANGES "S035" "the client has no such registration for changes"
    UNKNOWN_SWITCH "S036" "there is no such switch"
    TOO_LATE "S037" "a step, or the time of an expectation or a window, comes after the end"
    INTERVAL "S038" "not a valid interval, bound or list"
    MISPLACED "S039" "an action, condition or name has no meaning here"
    GROUP "S040" "not a valid group or placeholder"
    IMPOSSIBLE "S041" "nothing in the scenario can match a pattern or have a subject"
    UNKNOWN_LABEL "S042" "the client puts nothing off under that label"
    UNKNOWN_REGISTRATION "S043" "the client has no such registration"
    UNKNOWN_LIST "S044" "the client has no such route list"
    UNKNOWN_ENUM "S045" "the client has no such enumeration"
    DOUBTFUL "S050" "warning: allowed, but probably a mistake"
    HEADER "S060" "recording: a column is missing or unknown"
    ROW "S061" "recording: a row cannot be read"
    CELL "S062" "recording: a cell cannot be read"
    BACKWARDS "S063" "recording: time goes backwards"
    TOO_LONG "S098" "a file or a line of it is too long"
    MORE "S099" "there are more mistakes than are shown"
    TRACE_LINE "T001" "trace as NDJSON: a line cannot be read"
    TRACE_ORDER "T002" "trace as NDJSON: its lines are not those of one trace"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_each_once() {
        assert!(CODES.is_sorted_by(|one, next| one.0 < next.0));
    }
}
