//! What can be asked of `guardrail`. A command is a module with an `Arguments` type, whose documentation is its help;
//! it is named here twice, as a module and in the list.

mod apply;
mod by_hand;
mod check;
mod doctor;
mod exempt;
mod explain;
mod generate;
mod replay;
mod scan;
mod undo;

use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use guardrail_policy::settings::RuleName;

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
    scan Scan;
    check Check;
    explain Explain;
    undo Undo;
    apply Apply;
    exempt Exempt;
    doctor Doctor;
    generate Generate;
}

/// Judges network changes of private VPCs against a policy file
#[derive(Debug, Parser)]
#[command(name = "guardrail", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The names of all rules, so that help and errors know them.
fn rule_names() -> impl TypedValueParser<Value = RuleName> {
    PossibleValuesParser::new(RuleName::ALL.iter().map(|rule| rule.as_str())).try_map(|name| name.parse::<RuleName>())
}

const AFTER_HELP: &str = "Exit status: 0 clean, 1 findings, 2 something could not be judged, read or understood.";
