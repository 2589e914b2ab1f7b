//! Numbers on the command line: what is no such number is refused with the numbers that are.

use core::fmt::Display;
use core::ops::RangeInclusive;
use core::str::FromStr;

use clap::builder::TypedValueParser;
use clap::{Arg, Command};

/// What stands for a number, or several, in the usage.
const NUMBERS: [&str; 2] = ["N", "FACTORS"];

/// Returns a parser of the whole numbers in a range.
pub(super) fn whole<T>(range: RangeInclusive<T>) -> impl TypedValueParser<Value = T>
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text: &str| match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(format!("write a whole number from {} to {}", range.start(), range.end())),
    }
}

/// Lets numbers of a command and its subcommands begin with a sign, so that their parsers say what they may be, and `-1` is not
/// taken for an option.
pub(super) fn with_signs(command: Command) -> Command {
    let may_be_signed = |argument: &Arg| {
        let names = argument.get_value_names().unwrap_or_default();
        names.iter().any(|name| NUMBERS.contains(&name.as_str()))
    };
    let command = command.mut_args(|argument| {
        let is_number = may_be_signed(&argument);
        argument.allow_negative_numbers(is_number)
    });
    command.mut_subcommands(with_signs)
}
