//! `tiebreak completions` and `tiebreak man`.

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;
use tiebreak_diagnostic::nearest;

use crate::arguments::Arguments;
use crate::exit::{Error, Exit};
use crate::output::{Sink, visible};

/// The name of the command.
const NAME: &str = "tiebreak";

/// Prints the completion script for a shell.
pub(crate) fn completions(shell: Shell) -> Result<Exit, Error> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut text);
    print(&text)
}

/// Prints the manual page of the command, or of one of its subcommands.
pub(crate) fn page(name: Option<&str>) -> Result<Exit, Error> {
    let mut all = Arguments::command();
    all.build();
    let command = match name {
        None => all,
        Some(name) => {
            let found = all.find_subcommand(name).cloned();
            found.ok_or_else(|| unknown(name, &all))?
        }
    };
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let _ = Man::new(command.clone()).render(&mut text);
    print(with_values(&String::from_utf8_lossy(&text), &command).as_bytes())
}

/// Puts into the synopsis of a page what an option takes, which `clap_mangen` leaves out.
fn with_values(page: &str, command: &clap::Command) -> String {
    let with_value = command.get_arguments().filter(|argument| argument.get_action().takes_values());
    let named = with_value.filter_map(|argument| Some((argument.get_long()?, argument.get_value_names()?)));
    named.fold(page.to_owned(), |page, (long, names)| {
        let option = format!("\\fB\\-\\-{}\\fR", long.replace('-', "\\-"));
        let values = names.iter().fold(String::new(), |values, name| values + " \\fI<" + name + ">\\fR");
        page.replacen(&format!("[{option}]"), &format!("[{option}{values}]"), 1)
    })
}

fn unknown(name: &str, all: &clap::Command) -> Error {
    let meant = nearest(name, all.get_subcommands().map(clap::Command::get_name));
    let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    Error::Input(format!("there is no command `{}`{meant}", visible(name)))
}

fn print(text: &[u8]) -> Result<Exit, Error> {
    let mut out = Sink::stdout();
    out.line(String::from_utf8_lossy(text).trim_end());
    out.finish()?;
    Ok(Exit::Fine)
}
