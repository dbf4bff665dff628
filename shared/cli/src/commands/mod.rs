//! What can be asked of `guardrail`. A command is a module with an `Arguments` type, whose documentation is its help;
//! it is named here twice, as a module and in the list.

mod check;
mod explain;
mod generate;
mod replay;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::output::Screen;
use crate::status::Status;

/// Makes the commands of the list.
macro_rules! commands {
    ($($module:ident $name:ident;)+) => {
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($name($module::Arguments),)+
        }

        impl Command {
            /// Does what was asked.
            ///
            /// # Errors
            /// What kept it from doing so: what, where, and the remedy.
            pub(crate) fn run(self, screen: &mut Screen) -> Result<Status> {
                match self {
                    $(Self::$name(arguments) => arguments.run(screen),)+
                }
            }
        }
    };
}

commands! {
    replay Replay;
    check Check;
    explain Explain;
    generate Generate;
}

/// Judges network changes of private VPCs against a policy file
#[derive(Debug, Parser)]
#[command(name = "guardrail", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "Exit status: 0 clean, 1 findings, 2 something could not be judged, read or understood.";
