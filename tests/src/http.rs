use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::{Error, Result};

/// A JSON client of one server of the harness; clones share its connections.
#[derive(Clone)]
pub(crate) struct Http {
    agent: Agent,
    base: Arc<str>,
}

impl Http {
    /// A client of the server at `base`, such as `http://127.0.0.1:8080`.
    pub(crate) fn new(base: &str) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            // A proxy that the environment names must not see loopback traffic.
            .proxy(None)
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self {
            agent,
            base: base.into(),
        }
    }

    /// GET `path`.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        answer(&url, self.agent.get(&url).call())
    }

    /// POST `body` to `path`.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        answer(&url, self.agent.post(&url).send_json(body))
    }

    /// PATCH `path` with `body`.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        answer(&url, self.agent.patch(&url).send_json(body))
    }

    /// DELETE `path`, with `body` saying what to delete there.
    pub(crate) fn delete(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        answer(&url, self.agent.delete(&url).force_send_body().send_json(body))
    }
}

type Answer = std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn answer(url: &str, answer: Answer) -> Result<Value> {
    let failed = |source| Error::Http {
        url: url.to_owned(),
        source: Box::new(source),
    };
    let mut answer = answer.map_err(failed)?;
    let status = answer.status();
    let text = answer
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_to_string()
        .map_err(failed)?;
    if !status.is_success() {
        return Err(Error::shape(
            format!("success from `{url}`"),
            &format!("{status}: {text}"),
        ));
    }
    serde_json::from_str(&text).map_err(|_| Error::shape(format!("JSON from `{url}`"), &text))
}
