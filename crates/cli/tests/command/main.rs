//! The command as people and scripts see it: arguments in; exit code, standard output and files out.

mod check;
mod exit;
mod feed;
mod fuzz;
mod house;
mod run;
