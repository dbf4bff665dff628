//! The scalars of the file that are not its own: identifiers, addresses, numbers, texts.

use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;

use super::node::Node;
use super::reading::{Read, Reading};
use super::rule_name::RuleName;
use super::rules::Mode;
use crate::id::{AccountId, Arn, SubnetId, VpcId};
use crate::network::Cidr;

/// The longest text that people write into the file: an owner, a reason.
const LONGEST: usize = 500;

impl Read for VpcId {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const EXAMPLE: &str = "vpc-0123456789abcdef0";
        reading
            .text(node, "a VPC id", EXAMPLE)
            .filter(|id: &Self| hexadecimal(node, reading, id.as_str(), "a VPC id", EXAMPLE))
    }
}

impl Read for SubnetId {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const EXAMPLE: &str = "subnet-0123456789abcdef0";
        let is_real =
            |id: &Self, reading: &mut Reading<'_>| hexadecimal(node, reading, id.as_str(), "a subnet id", EXAMPLE);
        reading
            .text(node, "a subnet id", EXAMPLE)
            .filter(|id| is_real(id, reading))
    }
}

/// Whether an id ends in the 8 or 17 hexadecimal digits that AWS gives out. An id with a slip would never match
/// anything, silently; it is reported.
fn hexadecimal(node: &Node, reading: &mut Reading<'_>, id: &str, what: &str, example: &str) -> bool {
    let is = id.rsplit_once('-').is_some_and(|(_, digits)| is_id_digits(digits));
    if !is {
        let remedy = format!("8 or 17 digits of 0-9 and a-f follow the hyphen, as in `{example}`");
        reading.refuse::<()>(node, what, &remedy);
    }
    is
}

/// The digits of AWS's ids: 8 of them in old ones, 17 in new ones.
pub(super) fn is_id_digits(text: &str) -> bool {
    matches!(text.len(), 8 | 17) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl Read for AccountId {
    /// Without quotes, twelve digits are a number in YAML: taken, unless other readers of YAML would lose the zero.
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const WHAT: &str = "an AWS account id";
        let (text, plain) = reading.scalar(node, WHAT, "\"111122223333\"")?;
        match text.parse() {
            Ok(_) if plain && text.starts_with('0') => {
                let message = format!("`{text}` without quotes is a number, which has no leading zero");
                reading.problem(&node.span, &message, &format!("quote it: `\"{text}\"`"));
                None
            }
            Ok(account) => Some(account),
            Err(_) if text.len() < 12 && text.bytes().all(|b| b.is_ascii_digit()) => reading.refuse(
                node,
                WHAT,
                &format!("write twelve digits; if zeros were lost: `\"{text:0>12}\"`"),
            ),
            Err(_) => reading.refuse(node, WHAT, "write its twelve digits in quotes, like `\"111122223333\"`"),
        }
    }
}

impl Read for Cidr {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        const WHAT: &str = "a CIDR block";
        const REMEDY: &str = "write an address, a slash and a prefix length, like `10.0.0.0/8` or `fd00::/8`";
        let (text, _) = reading.scalar(node, WHAT, "10.0.0.0/8")?;
        let cidr: Option<Self> = text.parse().ok().or_else(|| reading.refuse(node, WHAT, REMEDY));
        let cidr = cidr?;
        if text.parse() == Ok(cidr.net()) {
            return Some(cidr);
        }
        let message = format!("`{text}` has address bits beyond its prefix length");
        reading.problem(
            &node.span,
            &message,
            &format!("write `{cidr}`, or the prefix length that is meant"),
        );
        None
    }
}

/// A role or user, by exact ARN: what CloudTrail's `sessionIssuer.arn` or `userIdentity.arn` gives.
pub(super) fn principal(node: &Node, reading: &mut Reading<'_>) -> Option<Arn> {
    const WHAT: &str = "the ARN of a role or user";
    const EXAMPLE: &str = "arn:aws:iam::111122223333:role/Example";
    let arn: Arn = reading.text(node, WHAT, EXAMPLE)?;
    let remedy = if arn.as_str().contains(['*', '?']) {
        "patterns are not taken: write one line for each ARN".to_owned()
    } else if let Some(session) = arn.resource().strip_prefix("assumed-role/") {
        let role = session.split('/').next().unwrap_or_default();
        format!("write the ARN of the role behind the session, with its path: `arn:aws:iam::…:role/{role}`")
    } else if arn.service() == "iam"
        && ["role/", "user/", "root"]
            .iter()
            .any(|kind| arn.resource().starts_with(kind))
    {
        return Some(arn);
    } else {
        format!("write it like `{EXAMPLE}`")
    };
    reading.refuse(node, WHAT, &remedy)
}

impl Read for RuleName {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let words: Vec<(&str, Self)> = Self::ALL.iter().map(|rule| (rule.as_str(), *rule)).collect();
        reading.word(node, "a rule", &words)
    }
}

impl Read for Mode {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let words: Vec<(&str, Self)> = Self::ALL.iter().map(|mode| (mode.as_str(), *mode)).collect();
        reading.word(node, "a mode", &words)
    }
}

impl Read for bool {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let (text, plain) = reading.scalar(node, "true or false", "true")?;
        match (text, plain) {
            ("true", true) => Some(true),
            ("false", true) => Some(false),
            _ => reading.refuse(node, "true or false", "write `true` or `false`, without quotes"),
        }
    }
}

/// A whole number within bounds.
pub(super) fn number(node: &Node, reading: &mut Reading<'_>, bounds: RangeInclusive<u32>) -> Option<u32> {
    let (text, plain) = reading.scalar(node, "a whole number", &bounds.start().to_string())?;
    let digits = plain && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let value = text.parse().ok().filter(|value| digits && bounds.contains(value));
    let what = format!("a whole number from {} to {}", bounds.start(), bounds.end());
    let remedy = if plain {
        "write a number in these bounds, in digits only"
    } else {
        "write it without quotes"
    };
    value.or_else(|| reading.refuse(node, &what, remedy))
}

impl Read for Date {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let (text, _) = reading.scalar(node, "a date", "2027-01-31")?;
        let form = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date = text.parse().ok().filter(|_| form);
        date.or_else(|| reading.refuse(node, "a date", "write year, month and day, like `2027-01-31`"))
    }
}

impl Read for String {
    /// A text that people read; line ends and runs of blanks become one space.
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let (text, _) = reading.scalar(node, "a text", "payments team")?;
        let text: Vec<&str> = text.split_whitespace().collect();
        let text = text.join(" ");
        match text.chars().count() {
            0 => fault(reading, &node.span, "the text is empty", "write one"),
            1..=LONGEST if !text.chars().any(char::is_control) => Some(text),
            1..=LONGEST => fault(
                reading,
                &node.span,
                "the text has control characters in it",
                "remove them",
            ),
            count => {
                let message = format!("the text has {count} characters");
                fault(reading, &node.span, &message, &format!("write at most {LONGEST}"))
            }
        }
    }
}

fn fault<T>(reading: &mut Reading<'_>, span: &Range<usize>, message: &str, remedy: &str) -> Option<T> {
    reading.problem(span, message, remedy);
    None
}
