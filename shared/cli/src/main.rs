//! `guardrail`: the command line of vpc-guardrail.

mod commands;
mod input;
mod live;
mod output;
mod permission;
mod place;
mod policy_file;
mod snapshot;
mod status;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::CommandLine;
use crate::output::Screen;
use crate::status::Status;

fn main() -> ExitCode {
    let mut screen = Screen::standard();
    let outcome = CommandLine::parse().command.run(&mut screen);
    let written = outcome.and_then(|status| Ok(screen.flush().map(|()| status)?));
    written
        .unwrap_or_else(|error| Status::of_error(&error, &mut screen))
        .into()
}
