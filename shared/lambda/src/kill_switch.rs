//! The kill switch: an SSM parameter that holds a mode, above which nothing goes.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use guardrail_aws::{Aws, Parameters};
use guardrail_policy::case::{Ceiling, CeilingReason};
use guardrail_policy::settings::Mode;

/// How long what was read is believed: whoever turns the switch waits no longer than this, and one delivery's time.
pub(crate) const READ_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// The kill switch, as it was read last.
pub(crate) struct KillSwitch {
    parameters: Parameters,
    name: String,
    believed_for: Duration,
    last: RefCell<Option<(Instant, Mode)>>,
}

impl KillSwitch {
    /// A switch; it is read when it is needed first, and again when what was read is older than this.
    pub(crate) fn new(name: &str, aws: &Aws, believed_for: Duration) -> Self {
        Self {
            parameters: aws.parameters(),
            name: name.to_owned(),
            believed_for,
            last: RefCell::new(None),
        }
    }

    /// What the switch allows at most. One that cannot be read, or holds no mode, allows to notify, and is read again at
    /// the next delivery.
    pub(crate) async fn ceiling(&self) -> Ceiling {
        let believed = self.last.borrow().filter(|(at, _)| at.elapsed() < self.believed_for);
        let mode = match believed {
            Some((_, mode)) => mode,
            None => match self.read().await {
                Ok(mode) => mode,
                Err(error) => {
                    tracing::error!(%error, "the mode is capped at notify");
                    return Ceiling::notify(CeilingReason::KillSwitchUnreadable);
                }
            },
        };
        Ceiling {
            mode,
            why: CeilingReason::KillSwitch,
        }
    }

    async fn read(&self) -> Result<Mode, String> {
        let at = Instant::now();
        let text = self
            .parameters
            .value(&self.name)
            .await
            .map_err(|error| error.to_string())?;
        let mode = text
            .trim()
            .parse::<Mode>()
            .map_err(|error| format!("the kill switch `{}` holds no mode: {error}", self.name))?;
        self.last.replace(Some((at, mode)));
        Ok(mode)
    }
}
