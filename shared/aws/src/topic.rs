//! The SNS topic that notices go to.

use std::fmt;
use std::str::FromStr;

use guardrail_policy::id::{Arn, IdError, Region};

/// A standard SNS topic, by its ARN; the Region in it is the one that its client talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    arn: Arn,
    region: Region,
}

/// A text that is not the ARN of a topic that notices can go to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Not an ARN at all.
    #[error(transparent)]
    Arn(#[from] IdError),
    /// An ARN of something else.
    #[error("`{0}` is not an SNS topic: write its ARN like `arn:aws:sns:eu-west-1:111122223333:security`")]
    NotATopic(Arn),
    /// A FIFO topic, which reaches no people.
    #[error("`{0}` is a FIFO topic, which delivers to queues only: name a standard topic")]
    Fifo(Arn),
}

impl Topic {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The Region it is in.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }
}

impl TryFrom<Arn> for Topic {
    type Error = TopicError;

    fn try_from(arn: Arn) -> Result<Self, TopicError> {
        let name = arn.resource();
        let region = arn.region().parse();
        match region {
            Ok(_) if name.ends_with(".fifo") => Err(TopicError::Fifo(arn)),
            // A subscription's ARN goes on after the topic's name.
            Ok(region) if arn.service() == "sns" && !name.contains([':', '/']) => Ok(Self { arn, region }),
            _ => Err(TopicError::NotATopic(arn)),
        }
    }
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        text.parse::<Arn>()?.try_into()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_taken_with_its_region() {
        let topic: Topic = "arn:aws-us-gov:sns:us-gov-west-1:111122223333:security"
            .parse()
            .unwrap();
        assert_eq!(topic.region().as_str(), "us-gov-west-1");
        assert_eq!(
            topic.to_string(),
            "arn:aws-us-gov:sns:us-gov-west-1:111122223333:security"
        );
    }

    #[test]
    fn what_is_no_standard_topic_is_refused_with_the_remedy() {
        for (wrong, remedy) in [
            ("security", "write it like"),
            ("arn:aws:sqs:eu-west-1:111122223333:security", "write its ARN like"),
            ("arn:aws:sns::111122223333:security", "write its ARN like"),
            (
                "arn:aws:sns:eu-west-1:111122223333:security:0f1e2d3c",
                "write its ARN like",
            ),
            (
                "arn:aws:sns:eu-west-1:111122223333:security.fifo",
                "name a standard topic",
            ),
        ] {
            let error = wrong.parse::<Topic>().unwrap_err().to_string();
            assert!(error.contains(remedy), "{error}");
        }
    }
}
