//! Faults between a function and AWS, on the wire: microburst stands between them and fails the calls
//! that a test names, in AWS's own format.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::child::Server;
use crate::emulator::Emulator;
use crate::http::Http;
use crate::{Error, Result, places};

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// AWS answers with this error code and HTTP status; the call has no effect.
    Error(&'static str, u16),
    /// AWS answers that there were too many calls, in the words of the service.
    Throttled,
    /// AWS answers that the caller may not, in the words of the service.
    Denied,
    /// The connection is reset before the call reaches AWS.
    Reset,
    /// The call takes effect, and the connection is reset before a byte of the reply arrives.
    ReplyLost,
    /// The call takes effect, and the connection is reset after this many percent of the reply.
    Cut(u8),
    /// The call takes effect, and the reply ends after this many percent of it, as if it were whole.
    Truncated(u8),
    /// The call does not reach AWS, and nothing is answered for this long.
    HeldOpen(Duration),
    /// The call and its reply are fine, but this much later.
    Slow(Duration),
}

impl Fault {
    fn settings(&self, service: &str) -> (&'static str, Value) {
        let percent = |part: u8| f64::from(part) / 100.0;
        let error = |code, status| ("error", json!({"code": code, "status": status}));
        match *self {
            Self::Error(code, status) => error(code, status),
            Self::Throttled if service == "ec2" => error("RequestLimitExceeded", 503),
            Self::Throttled if service == "dynamodb" => error("ThrottlingException", 400),
            Self::Throttled => error("Throttling", 400),
            Self::Denied if service == "ec2" => error("UnauthorizedOperation", 403),
            Self::Denied if service == "sns" => error("AuthorizationError", 403),
            Self::Denied => error("AccessDeniedException", 400),
            Self::Reset => ("reset", json!(true)),
            Self::ReplyLost => ("response", json!({"abort_bytes": 0})),
            Self::Cut(part) => ("response", json!({"abort_frac": percent(part)})),
            Self::Truncated(part) => ("response", json!({"truncate_frac": percent(part)})),
            Self::HeldOpen(time) => ("timeout_ms", milliseconds(time)),
            Self::Slow(time) => ("latency", json!({"min": milliseconds(time), "max": milliseconds(time)})),
        }
    }
}

fn milliseconds(time: Duration) -> Value {
    json!(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Which calls a fault befalls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    service: String,
    action: Option<String>,
    fault: Fault,
    spared: u32,
    times: Option<u32>,
}

impl Rule {
    /// Every call of `action`, such as `ec2` and `DescribeSecurityGroupRules`.
    pub fn on(service: &str, action: &str, fault: Fault) -> Self {
        Self {
            service: service.to_owned(),
            action: Some(action.to_owned()),
            fault,
            spared: 0,
            times: None,
        }
    }

    /// Every call of the service.
    pub fn on_all(service: &str, fault: Fault) -> Self {
        Self {
            service: service.to_owned(),
            action: None,
            fault,
            spared: 0,
            times: None,
        }
    }

    /// Only the first `count` of them.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = Some(count);
        self
    }

    /// Only after the first `count` of them.
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        self.spared = count;
        self
    }

    /// microburst's rules: the first that matches wins, so sparing is a rule without an effect.
    fn wire(&self, access_key: &str) -> (Option<Value>, Value) {
        let mut calls = Map::new();
        calls.insert("service".into(), self.service.as_str().into());
        calls.insert("headers".into(), json!({"authorization": access_key}));
        if let Some(action) = &self.action {
            calls.insert("operation".into(), action.as_str().into());
        }
        let sparing = (self.spared > 0).then(|| {
            let mut sparing = calls.clone();
            sparing.insert("times".into(), self.spared.into());
            Value::Object(sparing)
        });
        let (kind, settings) = self.fault.settings(&self.service);
        calls.insert(kind.into(), settings);
        if let Some(times) = self.times {
            calls.insert("times".into(), times.into());
        }
        (sparing, Value::Object(calls))
    }
}

/// A fault that befell a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fired {
    rule_id: u64,
    /// The service of the call.
    pub service: String,
    /// The action of the call.
    pub operation: Option<String>,
    /// What was done, in microburst's words, such as `error:Throttling` or `response:truncate`.
    pub action: String,
}

/// A running proxy that can fail calls; it stops when this is dropped or this process ends.
pub struct Faults {
    server: Server,
    http: Http,
}

impl Faults {
    /// Starts a proxy in front of the AWS at `endpoint`.
    ///
    /// # Errors
    /// [`Error::Missing`] without the Python environment, [`Error::NotReady`] where it does not start.
    pub fn start(endpoint: &str) -> Result<Self> {
        let arguments = [places::proxy_program()?.into_os_string(), endpoint.into()];
        let server = Server::start("the fault proxy", &places::python()?, &arguments)?;
        let http = Http::new(server.endpoint());
        Ok(Self { server, http })
    }

    /// The proxy in front of [`Emulator::shared`]; faults are per caller, so tests can share it.
    ///
    /// # Errors
    /// As [`Faults::start`].
    pub fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Option<Arc<Faults>>> = Mutex::new(None);
        let emulator = Emulator::shared()?;
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*shared {
            return Ok(Arc::clone(running));
        }
        let started = Arc::new(Self::start(emulator.endpoint())?);
        *shared = Some(Arc::clone(&started));
        Ok(started)
    }

    /// Where a caller reaches AWS through the proxy.
    pub fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// The faults of the calls that are signed with `access_key`.
    pub fn of(&self, access_key: &str) -> Line {
        let access_key = access_key.to_owned();
        Line {
            http: self.http.clone(),
            access_key,
            rules: Mutex::default(),
        }
    }
}

/// The line between one caller and AWS. The line is mended when this is dropped.
pub struct Line {
    http: Http,
    access_key: String,
    rules: Mutex<Vec<u64>>,
}

impl Line {
    /// Adds a fault; of several that fit a call, the earliest added befalls it.
    ///
    /// # Errors
    /// Where the proxy does not take the rule.
    pub fn fail(&self, rule: &Rule) -> Result<()> {
        let (sparing, faulty) = rule.wire(&self.access_key);
        let rules: Vec<Value> = sparing.into_iter().chain([faulty]).collect();
        let added = self.http.patch("/_microburst/rules", &Value::Array(rules))?;
        let added = added.as_array().and_then(|added| added.last());
        let id = added.and_then(|rule| rule.get("id")).and_then(Value::as_u64);
        let id = id.ok_or_else(|| Error::shape("the id of the rule", &format!("{added:?}")))?;
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        Ok(())
    }

    /// Takes all faults away.
    ///
    /// # Errors
    /// Where the proxy does not answer.
    pub fn mend(&self) -> Result<()> {
        let mine = json!([{"headers": {"authorization": self.access_key}}]);
        self.http.delete("/_microburst/rules", &mine).map(drop)
    }

    /// The faults that befell this caller's calls, in order; those of mended faults too.
    ///
    /// # Errors
    /// Where the proxy does not answer.
    pub fn fired(&self) -> Result<Vec<Fired>> {
        let answer = self.http.get("/_microburst/fired?limit=2000")?;
        let fired = Vec::<Fired>::deserialize(&answer).map_err(|_| Error::shape("a list of fired faults", &answer))?;
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(fired
            .into_iter()
            .filter(|fired| rules.contains(&fired.rule_id))
            .collect())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _proxy_gone = self.mend();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use super::*;

    #[test]
    fn throttling_and_denial_speak_the_language_of_the_service() {
        assert_eq!(Fault::Throttled.settings("ec2").1["code"], "RequestLimitExceeded");
        assert_eq!(Fault::Throttled.settings("sns").1["code"], "Throttling");
        assert_eq!(Fault::Throttled.settings("dynamodb").1["code"], "ThrottlingException");
        assert_eq!(Fault::Denied.settings("ec2").1["code"], "UnauthorizedOperation");
        assert_eq!(Fault::Denied.settings("sns").1["code"], "AuthorizationError");
    }

    #[test]
    fn sparing_the_first_calls_is_a_rule_of_its_own_before_the_fault() {
        let rule = Rule::on("sns", "Publish", Fault::Reset).after(1).times(2);
        let (sparing, faulty) = rule.wire("ASIAEXAMPLE");
        let matching = json!({"authorization": "ASIAEXAMPLE"});
        assert_eq!(
            sparing,
            Some(json!({"service": "sns", "operation": "Publish", "headers": matching, "times": 1}))
        );
        assert_eq!(
            faulty,
            json!({"service": "sns", "operation": "Publish", "headers": matching, "times": 2, "reset": true})
        );
    }

    const REPLY: &str = "<DescribeVpcsResponse><vpcSet><item/></vpcSet></DescribeVpcsResponse>";

    /// An AWS that gives every call the same reply, and counts.
    fn upstream() -> (String, Arc<Mutex<u32>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let count = Arc::new(Mutex::new(0));
        let seen = Arc::clone(&count);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(std::result::Result::ok) {
                let mut request = String::new();
                let mut buffer = [0; 4096];
                while !request.contains("Action=DescribeVpcs") {
                    let length = stream.read(&mut buffer).unwrap();
                    request += std::str::from_utf8(&buffer[..length]).unwrap();
                }
                *seen.lock().unwrap() += 1;
                let length = REPLY.len();
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                stream.write_all(format!("{head}{REPLY}").as_bytes()).unwrap();
            }
        });
        (endpoint, count)
    }

    /// What a client sees of a call of `DescribeVpcs`: status and body, or that it broke.
    fn describe(endpoint: &str, access_key: &str) -> Option<(u16, String)> {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(2)))
            .proxy(None)
            .http_status_as_error(false)
            .build()
            .new_agent();
        let scope = format!("{access_key}/20260105/eu-west-1/ec2/aws4_request");
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let call = agent
            .post(endpoint)
            .header("Authorization", signature)
            .content_type("application/x-www-form-urlencoded")
            .send("Action=DescribeVpcs&Version=2016-11-15");
        let mut reply = call.ok()?;
        Some((reply.status().as_u16(), reply.body_mut().read_to_string().ok()?))
    }

    #[test]
    fn each_fault_is_seen_by_the_caller_it_is_meant_for_and_audited() {
        let (upstream, reached) = upstream();
        let faults = Faults::start(&upstream).unwrap();
        let call = || describe(faults.endpoint(), "ASIAEXAMPLE");
        let whole = Some((200, REPLY.to_owned()));
        let half = Some((200, REPLY.split_at(REPLY.len() / 2).0.to_owned()));
        let refused = |(status, body): (u16, String), code: &str| status == 503 && body.contains(code);
        assert_eq!(call(), whole);

        // The fault, whether the caller sees what it should, how many calls reach AWS, the audit's word.
        type Seen<'a> = &'a dyn Fn(Option<(u16, String)>) -> bool;
        let broken: Seen<'_> = &|seen| seen.is_none();
        let cases: [(Fault, Seen<'_>, u32, &str); 7] = [
            (
                Fault::Throttled,
                &|seen| refused(seen.unwrap(), "RequestLimitExceeded"),
                0,
                "error:RequestLimitExceeded",
            ),
            (Fault::Reset, broken, 0, "reset"),
            (Fault::ReplyLost, broken, 1, "response:abort"),
            (Fault::Cut(50), broken, 1, "response:abort"),
            (Fault::Truncated(50), &|seen| seen == half, 1, "response:truncate"),
            (Fault::HeldOpen(Duration::from_secs(60)), broken, 0, "timeout:60000ms"),
            (
                Fault::Slow(Duration::from_millis(10)),
                &|seen| seen == whole,
                1,
                "latency:10ms",
            ),
        ];
        for (fault, as_it_should, reaches, audited) in cases {
            let line = faults.of("ASIAEXAMPLE");
            line.fail(&Rule::on("ec2", "DescribeVpcs", fault.clone()).times(1))
                .unwrap();
            let other = describe(faults.endpoint(), "ASIASOMEBODYELSE");
            assert_eq!(other, whole, "{fault:?} must not befall another caller");
            let before = *reached.lock().unwrap();
            assert!(as_it_should(call()), "{fault:?}");
            assert_eq!(*reached.lock().unwrap() - before, reaches, "{fault:?}");
            assert_eq!(call(), whole, "{fault:?} was for one call");
            let fired = line.fired().unwrap();
            let fired: Vec<_> = fired.iter().map(|fired| fired.action.as_str()).collect();
            assert_eq!(fired, [audited], "{fault:?}");
        }
    }

    #[test]
    fn dropping_the_proxy_ends_it_at_once_though_it_holds_a_call_open() {
        let (upstream, _reached) = upstream();
        let faults = Faults::start(&upstream).unwrap();
        let endpoint = faults.endpoint().to_owned();
        let line = faults.of("ASIAEXAMPLE");
        line.fail(&Rule::on_all("ec2", Fault::HeldOpen(Duration::from_secs(300))))
            .unwrap();
        assert_eq!(describe(&endpoint, "ASIAEXAMPLE"), None);
        drop(faults);
        assert!(TcpStream::connect(endpoint.trim_start_matches("http://")).is_err());
    }

    #[test]
    fn a_fault_can_spare_the_first_calls_and_is_mended_with_its_line() {
        let (upstream, _reached) = upstream();
        let faults = Faults::start(&upstream).unwrap();
        let status = || describe(faults.endpoint(), "ASIAEXAMPLE").map(|(status, _)| status);
        let line = faults.of("ASIAEXAMPLE");
        line.fail(&Rule::on_all("ec2", Fault::Denied).after(1)).unwrap();
        assert_eq!([status(), status(), status()], [Some(200), Some(403), Some(403)]);
        drop(line);
        assert_eq!(status(), Some(200));
    }
}
