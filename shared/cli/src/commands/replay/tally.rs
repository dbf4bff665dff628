//! How a replay came out as a whole.

use std::fmt;

use super::judge::{Outcome, Standing};
use crate::status::Status;

/// How many things that are no events are told one by one.
const MOST_TOLD: usize = 20;

/// How many events came out how.
#[derive(Debug, Default)]
pub(super) struct Tally {
    clean: usize,
    exempt: usize,
    found: usize,
    not_ours: usize,
    unjudged: usize,
    unreadable: usize,
    skipped: usize,
}

impl Tally {
    /// Takes in one outcome.
    pub(super) fn count(&mut self, outcome: &Outcome) {
        let counter = match outcome {
            Outcome::Skipped => &mut self.skipped,
            Outcome::NotOurs => &mut self.not_ours,
            Outcome::Unreadable(_) => &mut self.unreadable,
            Outcome::Judged(judged) => match judged.standing() {
                Standing::Clean => &mut self.clean,
                Standing::Exempt => &mut self.exempt,
                Standing::Found => &mut self.found,
                Standing::NotOurs => &mut self.not_ours,
                Standing::Unjudged => &mut self.unjudged,
            },
        };
        *counter += 1;
    }

    /// Whether the latest of the things that are no events is still to be told: the first ones tell what is wrong.
    pub(super) fn is_worth_telling(&self) -> bool {
        self.unreadable <= MOST_TOLD
    }

    /// How many things that are no events were not told, if any.
    pub(super) fn untold(&self) -> Option<String> {
        let untold = self.unreadable.saturating_sub(MOST_TOLD);
        (untold > 0).then(|| format!("{untold} more could not be read"))
    }

    /// The exit status that this comes to.
    pub(super) fn status(&self) -> Status {
        Status::of(self.found > 0, self.unjudged + self.unreadable > 0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            clean,
            exempt,
            found,
            not_ours,
            ..
        } = self;
        let unjudged = self.unjudged + self.unreadable;
        let events = clean + exempt + found + not_ours + unjudged;
        let s = if events == 1 { "" } else { "s" };
        write!(
            f,
            "{events} event{s}: {clean} clean, {found} with findings, {not_ours} not ours, {unjudged} could not be judged"
        )?;
        if *exempt > 0 {
            write!(f, ", {exempt} exempt")?;
        }
        match self.skipped {
            0 => Ok(()),
            1 => f.write_str("; 1 line of other text skipped"),
            lines => write!(f, "; {lines} lines of other text skipped"),
        }
    }
}
