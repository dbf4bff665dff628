//! The emulated AWS: moto behind a CloudTrail recorder, in a Python process of its own.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::calls::CallWatch;
use crate::child::Server;
use crate::gate::{Gate, Hold};
use crate::http::Http;
use crate::identity::Identity;
use crate::record::Record;
use crate::user::User;
use crate::{Error, Result, places};

/// A running emulated AWS; it stops when this is dropped or this process ends.
pub struct Emulator {
    server: Server,
    http: Http,
}

impl Emulator {
    /// Starts an emulator of one's own.
    ///
    /// # Errors
    /// [`Error::Missing`] without the Python environment, [`Error::NotReady`] where it does not start.
    pub fn start() -> Result<Self> {
        let arguments: [OsString; 3] = [
            places::emulator_program()?.into_os_string(),
            "--port".into(),
            "0".into(),
        ];
        let server = Server::start("the emulated AWS", &places::python()?, &arguments)?;
        let http = Http::new(server.endpoint());
        Ok(Self { server, http })
    }

    /// The emulator that all tests of this process share: starting one takes seconds. They do not
    /// disturb each other as long as each makes its own users, networks, topics and queues, and nobody
    /// calls [`Emulator::reset`]. It ends with the process, when its standard input closes.
    ///
    /// # Errors
    /// As [`Emulator::start`].
    pub fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Option<Arc<Emulator>>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*shared {
            return Ok(Arc::clone(running));
        }
        let started = Arc::new(Self::start()?);
        *shared = Some(Arc::clone(&started));
        Ok(started)
    }

    /// Where any AWS client can reach it.
    pub fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// A user with this identity.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn user(&self, identity: Identity) -> Result<User> {
        self.http
            .post("/_emulator/identities", &json!({&identity.access_key: identity.json}))?;
        let last = self.events_after(0)?.last().map_or(0, |(sequence, _)| *sequence);
        Ok(User::new(self.http.clone(), identity, last))
    }

    /// The CloudTrail records made since `sequence` (0: all), each with its place in the order.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn events_after(&self, sequence: u64) -> Result<Vec<(u64, Record)>> {
        events_after(&self.http, sequence)
    }

    /// Watches the calls that `access_key` makes from now on.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn watch_calls(&self, access_key: &str) -> Result<CallWatch> {
        CallWatch::new(self.http.clone(), access_key)
    }

    /// Restricts `access_key` to these IAM actions.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn restrict(&self, access_key: &str, actions: &BTreeSet<String>) -> Result<()> {
        self.http
            .post("/_emulator/rights", &json!({ access_key: actions }))
            .map(|_| ())
    }

    /// The IAM actions that `access_key` has called since it was restricted.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn rights_used(&self, access_key: &str) -> Result<BTreeSet<String>> {
        let answer = self.http.get("/_emulator/rights")?;
        let used = answer.get("used").and_then(|used| used.get(access_key));
        let used = used.and_then(Value::as_array).into_iter().flatten();
        Ok(used.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Sets a gate up for a call that `access_key` will make.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn gate(&self, access_key: &str, hold: &Hold) -> Result<Gate> {
        Gate::set_up(self.http.clone(), access_key, hold)
    }

    /// Empties it: state, events, calls and identities.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn reset(&self) -> Result<()> {
        self.http.post("/_emulator/reset", &json!({})).map(drop)
    }
}

pub(crate) fn events_after(http: &Http, sequence: u64) -> Result<Vec<(u64, Record)>> {
    #[derive(Deserialize)]
    struct Answer {
        events: Vec<Event>,
    }
    #[derive(Deserialize)]
    struct Event {
        sequence: u64,
        record: Value,
    }
    let answer = http.get(&format!("/_emulator/events?after={sequence}"))?;
    let Answer { events } = Answer::deserialize(&answer).map_err(|_| Error::shape("a list of events", &answer))?;
    Ok(events
        .into_iter()
        .map(|event| (event.sequence, Record::new(event.record)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_for_the_key_that_signed_them() {
        let emulator = Emulator::shared().unwrap();
        let one = emulator.user(Identity::role_session("One", "calls")).unwrap();
        let other = emulator.user(Identity::role_session("Other", "calls")).unwrap();
        let mut watch = emulator.watch_calls(one.access_key()).unwrap();
        one.call("ec2", "describe_vpcs", &json!({})).unwrap();
        other.call("ec2", "describe_subnets", &json!({})).unwrap();
        one.call("sts", "get_caller_identity", &json!({})).unwrap();
        let calls = watch.take().unwrap();
        assert_eq!(calls.actions(), ["ec2:DescribeVpcs", "sts:GetCallerIdentity"]);
        assert!(
            calls
                .0
                .iter()
                .all(|call| call.status == 200 && call.error_code.is_none())
        );
        assert_eq!(watch.take().unwrap().count(), 0);
    }

    #[test]
    fn an_emulator_of_ones_own_stops_when_it_is_dropped() {
        let emulator = Emulator::start().unwrap();
        let user = emulator.user(Identity::iam_user("someone-else")).unwrap();
        assert!(user.call("ec2", "describe_vpcs", &json!({})).is_ok());
        drop(emulator);
        let gone = user.call("ec2", "describe_vpcs", &json!({}));
        assert!(matches!(gone, Err(Error::Http { .. })), "{gone:?}");
    }
}
