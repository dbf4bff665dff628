//! An exemption for some hours: a note in the ledger, with an owner, a reason and an end.

use guardrail_policy::by_hand::{ByHand as Said, Deed, Exempted};
use guardrail_policy::jiff::Timestamp;
use guardrail_policy::ledger::{LedgerExemption, Note, Says};
use guardrail_policy::record::Record;

use super::{ByHand, ByHandError, Outcome};
use crate::ports::{Act, Answer, Clock, Keep, Tell};

/// An exemption to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempting {
    /// Whose rule leaves what alone.
    pub what: Exempted,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Timestamp,
}

impl<A: Answer, X: Act, T: Tell, K: Keep, C: Clock> ByHand<'_, A, X, T, K, C> {
    /// The exemption that holds now, and until when.
    ///
    /// # Errors
    /// [`ByHandError::Ledger`].
    pub async fn exemption(&self, what: &Exempted) -> Result<Option<(LedgerExemption, Timestamp)>, ByHandError> {
        let notes = self.keep.recall(&[what.about()].into(), self.clock.now()).await?;
        let found = notes.into_iter().find_map(|note| match note.says {
            Says::Exempted(exemption) if exemption.rule == what.rule => Some((exemption, note.until)),
            _ => None,
        });
        Ok(found)
    }

    /// Writes an exemption to the ledger, in the place of one that holds, with a record of it, and tells it.
    ///
    /// # Errors
    /// [`ByHandError`] where it was not written.
    pub async fn exempt(&self, exempting: Exempting) -> Result<Outcome, ByHandError> {
        let Exempting {
            what,
            owner,
            reason,
            until,
        } = exempting;
        let now = self.clock.now();
        let note = what.note(until, self.says(&what, &owner, &reason, now));
        let deed = Deed::Exempted {
            what,
            owner,
            reason,
            until,
        };
        self.put_down(deed, note, now).await
    }

    /// Ends the exemption that holds now. None where there is none.
    ///
    /// # Errors
    /// [`ByHandError`] where it was not ended.
    pub async fn end_exemption(&self, what: Exempted) -> Result<Option<Outcome>, ByHandError> {
        let Some((exemption, _)) = self.exemption(&what).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let note = what.note(now, exemption);
        self.put_down(Deed::EndedExemption { what }, note, now).await.map(Some)
    }

    fn says(&self, what: &Exempted, owner: &str, reason: &str, now: Timestamp) -> LedgerExemption {
        LedgerExemption {
            rule: what.rule,
            owner: owner.to_owned(),
            reason: reason.to_owned(),
            by: self.by.to_owned(),
            at: now,
        }
    }

    /// Notes are written with the intent, all or nothing; the record is kept for whoever asks later.
    async fn put_down(&self, deed: Deed, note: Note, now: Timestamp) -> Result<Outcome, ByHandError> {
        let said = Said {
            by: self.by.to_owned(),
            deed,
        };
        let record: Record = said.record(None, None, now);
        let claimed = self.claim("exempt", &record.record_id).await?;
        self.intend(&claimed, &record, &[note]).await?;
        Ok(self.conclude(&claimed, record).await)
    }
}
