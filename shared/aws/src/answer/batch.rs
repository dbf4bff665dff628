//! Many questions of one kind with one call, and its answers back to the questions.

use std::collections::BTreeSet;

use futures::future::join_all;
use guardrail_policy::facts::{Fact, Unreadable};

use crate::failure::{Failure, Unparsable};

/// How many values a filter takes (EC2 refuses more than 200 in a request).
const FILTER_VALUES: usize = 200;

/// What there is for each key that was asked for, in the order of the keys.
pub(super) type Found<K, T> = Vec<(K, Outcome<T>)>;

/// What there is for one key.
type Outcome<T> = Result<Vec<T>, Failure>;

/// What there is for this key, if it was asked for.
pub(super) fn found<'f, K: Ord, T>(found: &'f Found<K, T>, key: &K) -> Option<&'f Outcome<T>> {
    let at = found.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
    found.get(at).map(|(_, outcome)| outcome)
}

/// How one kind of thing is asked for by one kind of key.
pub(super) struct Batch<D, O, P> {
    /// The IAM action of the call.
    pub(super) action: &'static str,
    /// Calls EC2, with the filter's values, and reads every page.
    pub(super) describe: D,
    /// The keys that a thing belongs to.
    pub(super) keys_of: O,
    /// The thing in our own types.
    pub(super) parse: P,
}

impl<D, O, P> Batch<D, O, P> {
    /// Asks for all keys, 200 to a call, the calls side by side. A call that fails leaves the keys of the others alone.
    pub(super) async fn read<K, R, T>(&self, keys: BTreeSet<K>) -> Found<K, T>
    where
        K: Ord + Clone + ToString,
        T: Clone,
        D: AsyncFn(Vec<String>) -> Result<Vec<R>, Failure>,
        O: Fn(&R) -> Result<Vec<K>, Unparsable>,
        P: Fn(&R) -> Result<T, Unparsable>,
    {
        let keys: Vec<K> = keys.into_iter().collect();
        let calls = keys.chunks(FILTER_VALUES).map(|keys| self.read_some(keys));
        join_all(calls).await.into_iter().flatten().collect()
    }

    async fn read_some<K, R, T>(&self, keys: &[K]) -> Found<K, T>
    where
        K: Ord + Clone + ToString,
        T: Clone,
        D: AsyncFn(Vec<String>) -> Result<Vec<R>, Failure>,
        O: Fn(&R) -> Result<Vec<K>, Unparsable>,
        P: Fn(&R) -> Result<T, Unparsable>,
    {
        match (self.describe)(values(keys)).await {
            // EC2 does not say which of several is gone.
            Err(Failure::Gone) if keys.len() > 1 => {
                let each = keys.iter().map(async |key| {
                    let one = std::slice::from_ref(key);
                    self.sort_out(one, (self.describe)(values(one)).await)
                });
                join_all(each).await.into_iter().flatten().collect()
            }
            described => self.sort_out(keys, described),
        }
    }

    /// Gives each thing to the keys it belongs to. What cannot be read spoils the answers that it would belong in.
    fn sort_out<K, R, T>(&self, keys: &[K], described: Result<Vec<R>, Failure>) -> Found<K, T>
    where
        K: Ord + Clone,
        T: Clone,
        O: Fn(&R) -> Result<Vec<K>, Unparsable>,
        P: Fn(&R) -> Result<T, Unparsable>,
    {
        let mut outcomes = vec![Ok(Vec::new()); keys.len()];
        let spoilt = described
            .and_then(|things| self.share_out(keys, &things, &mut outcomes))
            .err();
        let outcomes = outcomes.into_iter().map(|outcome| match &spoilt {
            Some(failure) => Err(failure.clone()),
            None => outcome,
        });
        keys.iter().cloned().zip(outcomes).collect()
    }

    /// The same for one thing after the other; one that does not say whose it is spoils all answers.
    fn share_out<K, R, T>(&self, keys: &[K], things: &[R], outcomes: &mut [Outcome<T>]) -> Result<(), Failure>
    where
        K: Ord,
        T: Clone,
        O: Fn(&R) -> Result<Vec<K>, Unparsable>,
        P: Fn(&R) -> Result<T, Unparsable>,
    {
        let unparsable = |what| Failure::unparsable(self.action, &what);
        for thing in things {
            let owners = (self.keys_of)(thing).map_err(unparsable)?;
            let parsed = (self.parse)(thing).map_err(unparsable);
            for owner in owners {
                let at = keys.binary_search(&owner).ok();
                if let Some(outcome) = at.and_then(|at| outcomes.get_mut(at)) {
                    put(outcome, parsed.clone());
                }
            }
        }
        Ok(())
    }
}

fn put<T>(outcome: &mut Outcome<T>, parsed: Result<T, Failure>) {
    match (outcome, parsed) {
        (Ok(things), Ok(thing)) => things.push(thing),
        (outcome @ Ok(_), Err(failure)) => *outcome = Err(failure),
        (Err(_), _) => {}
    }
}

fn values<K: ToString>(keys: &[K]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

/// A list as it was found, empty or not.
pub(super) fn list<T>(found: Result<Vec<T>, Failure>) -> Fact<Vec<T>> {
    found.map_or_else(Fact::from, Fact::Is)
}

/// A list that is never empty while what it was asked of exists.
pub(super) fn list_or_gone<T>(found: Result<Vec<T>, Failure>) -> Fact<Vec<T>> {
    match list(found) {
        Fact::Is(list) if list.is_empty() => Fact::Gone,
        fact => fact,
    }
}

/// The one thing that was asked for by its id.
pub(super) fn one_or_gone<T>(found: Result<Vec<T>, Failure>) -> Fact<T> {
    match found.map(|things| things.into_iter().next()) {
        Ok(Some(thing)) => Fact::Is(thing),
        Ok(None) => Fact::Gone,
        Err(failure) => failure.into(),
    }
}

/// A list that is never empty, and whose owner may exist though nothing is shown of it: no answer then.
pub(super) fn list_or_not_shown<T>(action: &'static str, found: Result<Vec<T>, Failure>) -> Fact<Vec<T>> {
    match list(found) {
        Fact::Is(list) if list.is_empty() => Fact::Unreadable(Unreadable {
            action: action.to_owned(),
            code: "NotShown".to_owned(),
        }),
        fact => fact,
    }
}
