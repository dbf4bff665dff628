//! Many questions of one kind with one call, and its answers back to the questions.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures::future::join_all;
use guardrail_policy::facts::{Fact, Unreadable};

use crate::failure::{Failure, Unparsable};

/// How many values a filter takes (EC2 refuses more than 200 in a request).
const FILTER_VALUES: usize = 200;

/// What there is for each key that was asked for.
pub(super) type Found<K, T> = BTreeMap<K, Result<Vec<T>, Failure>>;

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
        let all = |outcome: Result<Vec<T>, Failure>| keys.iter().map(|key| (key.clone(), outcome.clone())).collect();
        let things = match described {
            Ok(things) => things,
            Err(failure) => return all(Err(failure)),
        };
        let mut found: Found<K, T> = all(Ok(Vec::new()));
        for thing in &things {
            let owners = match (self.keys_of)(thing) {
                Ok(owners) => owners,
                Err(what) => return all(Err(Failure::unparsable(self.action, &what))),
            };
            let parsed = (self.parse)(thing).map_err(|what| Failure::unparsable(self.action, &what));
            for owner in owners {
                if let Some(outcome) = found.get_mut(&owner) {
                    put(outcome, parsed.clone());
                }
            }
        }
        found
    }
}

fn put<T>(outcome: &mut Result<Vec<T>, Failure>, parsed: Result<T, Failure>) {
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
