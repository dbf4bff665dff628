//! Gates: hold one call of one caller at the emulated AWS, so that something can be done at that very moment.

use std::time::{Duration, Instant};
use std::{fmt, thread};

use serde_json::json;

use crate::http::Http;
use crate::{Error, Result};

/// Which call is held, and at which moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    action: Option<String>,
    spared: usize,
    after: bool,
}

impl Hold {
    /// The first call, whatever it is, before it takes effect.
    pub fn first() -> Self {
        Self {
            action: None,
            spared: 0,
            after: false,
        }
    }

    /// The first call of this action, before it takes effect.
    pub fn before(action: &str) -> Self {
        Self {
            action: Some(action.to_owned()),
            ..Self::first()
        }
    }

    /// The first call of this action, after it took effect and before its reply.
    pub fn after(action: &str) -> Self {
        Self {
            after: true,
            ..Self::before(action)
        }
    }

    /// The call with this number (1 is the first), whatever it is, after it took effect and before its reply.
    pub fn after_call(number: usize) -> Self {
        Self {
            action: None,
            spared: number.saturating_sub(1),
            after: true,
        }
    }

    /// Not this one, but the one after `count` more of them.
    #[must_use]
    pub fn sparing(mut self, count: usize) -> Self {
        self.spared += count;
        self
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = if self.after { "after" } else { "before" };
        let action = self.action.as_deref().unwrap_or("call");
        write!(f, "{moment} {action} {}", self.spared + 1)
    }
}

/// A gate in front of, or behind, one call. Dropped without a decision it drops the call, too.
pub struct Gate {
    http: Http,
    number: u64,
}

impl Gate {
    pub(crate) fn set_up(http: Http, access_key: &str, hold: &Hold) -> Result<Self> {
        let mut wish = json!({"access_key": access_key, "spared": hold.spared, "after": hold.after});
        if let (Some(action), Some(fields)) = (&hold.action, wish.as_object_mut()) {
            fields.insert("action".into(), action.as_str().into());
        }
        let answer = http.post("/_emulator/gates", &wish)?;
        let number = answer.get("gate").and_then(serde_json::Value::as_u64);
        let number = number.ok_or_else(|| Error::shape("the number of a gate", &answer))?;
        Ok(Self { http, number })
    }

    /// Whether the call has come and is held.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn is_reached(&self) -> Result<bool> {
        let answer = self.http.get(&format!("/_emulator/gates?gate={}", self.number))?;
        Ok(answer.get("reached") == Some(&true.into()))
    }

    /// Waits until the call has come; tells whether it did within `time`.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn await_reached(&self, time: Duration) -> Result<bool> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            if self.is_reached()? {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.is_reached()
    }

    /// Lets the call go on.
    ///
    /// # Errors
    /// Where the emulator does not answer.
    pub fn open(self) -> Result<()> {
        self.decide(true)
    }

    fn decide(&self, lets_through: bool) -> Result<()> {
        let decision = json!({"gate": self.number, "lets_through": lets_through});
        self.http.post("/_emulator/gates/decide", &decision).map(drop)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // The first decision holds; one after `open` comes too late for the call.
        let _emulator_gone = self.decide(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Emulator;
    use crate::identity::Identity;
    use crate::user::User;

    fn user() -> (User, std::sync::Arc<Emulator>) {
        let emulator = Emulator::shared().unwrap();
        let user = emulator.user(Identity::role_session("Somebody", "gates")).unwrap();
        (user, emulator)
    }

    fn vpcs(user: &User, cidr: &str) -> usize {
        let filter = json!({"Filters": [{"Name": "cidr", "Values": [cidr]}]});
        let answer = user.call("ec2", "describe_vpcs", &filter).unwrap();
        answer["Vpcs"].as_array().unwrap().len()
    }

    #[test]
    fn a_call_is_held_before_or_after_it_takes_effect_and_goes_on_when_it_may() {
        for (hold, cidr, seen_while_held) in [
            (Hold::before("CreateVpc"), "10.251.0.0/16", 0),
            (Hold::after("CreateVpc"), "10.252.0.0/16", 1),
        ] {
            let (user, emulator) = user();
            let gate = emulator.gate(user.access_key(), &hold).unwrap();
            thread::scope(|scope| {
                let create = scope.spawn(|| user.call("ec2", "create_vpc", &json!({"CidrBlock": cidr})));
                assert!(gate.await_reached(Duration::from_secs(20)).unwrap(), "{hold}");
                assert_eq!(vpcs(&self::user().0, cidr), seen_while_held, "{hold}");
                gate.open().unwrap();
                create.join().unwrap().unwrap();
            });
            assert_eq!(vpcs(&user, cidr), 1, "{hold}");
        }
    }

    #[test]
    fn a_call_whose_gate_is_dropped_takes_no_effect_and_later_ones_pass() {
        let (user, emulator) = user();
        let cidr = "10.253.0.0/16";
        let gate = emulator
            .gate(user.access_key(), &Hold::before("CreateVpc").sparing(1))
            .unwrap();
        let create = || user.call("ec2", "create_vpc", &json!({"CidrBlock": cidr}));
        create().unwrap();
        thread::scope(|scope| {
            let held = scope.spawn(create);
            assert!(gate.await_reached(Duration::from_secs(20)).unwrap());
            drop(gate);
            assert!(held.join().unwrap().is_err());
        });
        assert_eq!(vpcs(&user, cidr), 1);
        create().unwrap();
        assert_eq!(vpcs(&user, cidr), 2);
    }
}
