//! A user of the emulated AWS: calls its API through a real SDK client, with its own keys.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::emulator::events_after;
use crate::http::Http;
use crate::identity::Identity;
use crate::record::Record;
use crate::{ApiError, Error, REGION, Result};

/// A user of the emulated AWS, with keys that nobody else has.
pub struct User {
    http: Http,
    identity: Identity,
    region: String,
    /// The last event that this user has been given.
    seen: AtomicU64,
}

/// A call that reached AWS, and what CloudTrail says of it.
#[derive(Debug)]
pub struct Performed {
    /// What the caller got.
    pub outcome: std::result::Result<Value, ApiError>,
    /// The record of the call, of failed and dry ones too.
    pub record: Record,
}

impl Performed {
    /// What AWS answered.
    ///
    /// # Errors
    /// Where it refused.
    pub fn succeeded(&self) -> std::result::Result<&Value, ApiError> {
        self.outcome.as_ref().map_err(ApiError::clone)
    }
}

impl User {
    pub(crate) fn new(http: Http, identity: Identity, last_event: u64) -> Self {
        Self {
            http,
            identity,
            region: REGION.to_owned(),
            seen: AtomicU64::new(last_event),
        }
    }

    /// The same user in another Region.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// The key that signs the calls.
    pub fn access_key(&self) -> &str {
        &self.identity.access_key
    }

    /// Calls an API: `service` and `operation` as boto3 names them, such as `ec2` and
    /// `authorize_security_group_egress`, and its keyword arguments.
    ///
    /// # Errors
    /// [`Error::Api`] where AWS refuses the call.
    pub fn call(&self, service: &str, operation: &str, parameters: &Value) -> Result<Value> {
        let body = json!({
            "service": service,
            "operation": operation,
            "parameters": parameters,
            "access_key": self.identity.access_key,
            "region": self.region,
            "user_agent": self.identity.user_agent,
        });
        let answer = self.http.post("/_emulator/call", &body)?;
        match (answer.get("result"), answer.get("error")) {
            (Some(result), None) => Ok(result.clone()),
            (None, Some(error)) => Err(api_error(error).into()),
            _ => Err(Error::shape("a result or an error of the call", &answer)),
        }
    }

    /// Calls an API that changes something and gives the call's CloudTrail record too.
    ///
    /// # Errors
    /// Where the call left not exactly one record; a refusal by AWS is an outcome, not an error.
    pub fn perform(&self, service: &str, operation: &str, parameters: &Value) -> Result<Performed> {
        self.records()?;
        let outcome = match self.call(service, operation, parameters) {
            Ok(result) => Ok(result),
            Err(Error::Api(refusal)) => Err(refusal),
            Err(other) => return Err(other),
        };
        let mut records = self.records()?;
        match (records.pop(), records.is_empty()) {
            (Some(record), true) => Ok(Performed { outcome, record }),
            (last, _) => {
                let got = format!("{} besides {last:?}", records.len());
                Err(Error::shape(format!("one CloudTrail record of `{operation}`"), &got))
            }
        }
    }

    /// The records of this user's calls since the last time that they were asked for.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn records(&self) -> Result<Vec<Record>> {
        let events = events_after(&self.http, self.seen.load(Ordering::Acquire))?;
        if let Some((last, _)) = events.last() {
            self.seen.store(*last, Ordering::Release);
        }
        let mine = events.into_iter().map(|(_, record)| record);
        Ok(mine.filter(|record| record.access_key() == self.access_key()).collect())
    }
}

fn api_error(error: &Value) -> ApiError {
    let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let status = error
        .get("status")
        .and_then(Value::as_u64)
        .and_then(|status| status.try_into().ok());
    ApiError {
        code: text("code"),
        message: text("message"),
        status: status.unwrap_or_default(),
    }
}
