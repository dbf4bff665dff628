//! How far a sweep has come.

use guardrail_policy::id::{AccountId, Region};
use guardrail_policy::jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::remember::{self, Remember};
use crate::ports::KeepError;
use crate::scan::{AreaId, Scanner};

/// How old a sweep may be that is gone on with. What it saw first may be another by then.
const GOES_ON: SignedDuration = SignedDuration::from_hours(24);

/// The account and Region that are swept.
pub(super) struct Place(String);

impl Place {
    pub(super) fn of<A>(scanner: &Scanner<'_, A>) -> Self {
        let (account, region): (&AccountId, &Region) = (&scanner.account, &scanner.region);
        Self(format!("sweep#{account}#{region}"))
    }

    /// The key of what was seen in an area.
    pub(super) fn of_area(&self, area: &AreaId) -> String {
        match area {
            AreaId::Account => format!("{}#account", self.0),
            AreaId::Vpc(vpc) => format!("{}#{vpc}", self.0),
        }
    }
}

/// How far a sweep has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// When it began.
    pub(super) began: Timestamp,
    /// The last area that was done with; none at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<AreaId>,
    /// The area in which the time ran out the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut_in: Option<AreaId>,
    /// Whether it came to the end.
    ended: bool,
}

impl Position {
    /// Where the last sweep is, if that can be made out.
    pub(super) async fn read(keep: &impl Remember, place: &Place) -> Result<Was, KeepError> {
        let text = remember::read(keep, &place.0).await?;
        Ok(Was(text.and_then(|text| serde_json::from_str(&text).ok())))
    }

    pub(super) async fn write(&self, keep: &impl Remember, place: &Place) -> Result<(), KeepError> {
        let text = serde_json::to_string(self).unwrap_or_default();
        remember::write(keep, &place.0, &text).await
    }

    /// An area is done with.
    pub(super) fn go_on(&mut self, area: AreaId) {
        self.last = Some(area);
        self.cut_in = None;
    }

    /// Whether an area in which the time ran out is to be tried again: only if it had less than a whole run for itself.
    pub(super) fn try_again(&mut self, area: &AreaId) -> bool {
        let first = self.cut_in.as_ref() != Some(area);
        self.cut_in = Some(area.clone());
        first
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }
}

/// Where the last sweep is.
pub(super) struct Was(Option<Position>);

impl Was {
    /// From where this one goes: on, or from the start.
    pub(super) fn from(self, now: Timestamp) -> Position {
        let goes_on = |was: &Position| !was.ended && now.duration_since(was.began) < GOES_ON;
        self.0.filter(goes_on).unwrap_or(Position {
            began: now,
            last: None,
            cut_in: None,
            ended: false,
        })
    }
}
