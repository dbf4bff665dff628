//! The AWS calls that reached the emulator: who made which, over which connection.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::http::Http;
use crate::{Error, Result};

/// One AWS API call that reached the emulator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Call {
    /// Its place in the order of all calls.
    pub sequence: u64,
    /// The service that signed for it, such as `ec2`.
    pub service: String,
    /// The API action, such as `DescribeSecurityGroups`.
    pub action: String,
    /// The access key that signed it.
    pub access_key: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code of a refusal.
    pub error_code: Option<String>,
    /// The caller's end of the TCP connection.
    pub connection: String,
}

/// The calls of one access key over some time, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls(pub Vec<Call>);

impl Calls {
    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// How many TCP connections carried them. The connection of a call that went through
    /// [`crate::faults::Faults`] is the proxy's.
    pub fn connections(&self) -> usize {
        self.0
            .iter()
            .map(|call| &call.connection)
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// The actions as `service:Action`, in order.
    pub fn actions(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|call| format!("{}:{}", call.service, call.action))
            .collect()
    }

    /// How many of them went to this service.
    pub fn to(&self, service: &str) -> usize {
        self.0.iter().filter(|call| call.service == service).count()
    }

    /// How many of them had this action.
    pub fn of(&self, action: &str) -> usize {
        self.0.iter().filter(|call| call.action == action).count()
    }
}

/// Watches the calls of one access key.
pub struct CallWatch {
    http: Http,
    access_key: String,
    seen: u64,
}

impl CallWatch {
    pub(crate) fn new(http: Http, access_key: &str) -> Result<Self> {
        let mut watch = Self {
            http,
            access_key: access_key.to_owned(),
            seen: 0,
        };
        watch.take()?;
        Ok(watch)
    }

    /// The calls since the last time, or since the watch began.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn take(&mut self) -> Result<Calls> {
        #[derive(Deserialize)]
        struct Answer {
            calls: Vec<Call>,
        }
        let answer = self.http.get(&format!("/_emulator/calls?after={}", self.seen))?;
        let Answer { calls } = Answer::deserialize(&answer).map_err(|_| Error::shape("a list of calls", &answer))?;
        self.seen = calls.last().map_or(self.seen, |call| call.sequence);
        let mine = |call: &Call| call.access_key.as_deref() == Some(&self.access_key);
        Ok(Calls(calls.into_iter().filter(mine).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(action: &str, connection: &str) -> Call {
        Call {
            sequence: 1,
            service: "ec2".into(),
            action: action.into(),
            access_key: None,
            status: 200,
            error_code: None,
            connection: connection.into(),
        }
    }

    #[test]
    fn calls_over_one_connection_count_as_reuse() {
        let calls = Calls(vec![
            call("DescribeVpcs", "127.0.0.1:40000"),
            call("DescribeSubnets", "127.0.0.1:40001"),
            call("DescribeVpcs", "127.0.0.1:40000"),
        ]);
        assert_eq!(
            (calls.count(), calls.connections(), calls.of("DescribeVpcs")),
            (3, 2, 2)
        );
        assert_eq!(calls.actions()[1], "ec2:DescribeSubnets");
    }
}
