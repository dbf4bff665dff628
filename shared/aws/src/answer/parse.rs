//! From EC2's optional strings to our own types. What is missing or in no known form is an [`Unparsable`], never nothing.

use std::error::Error;
use std::str::FromStr;

use aws_sdk_ec2::types::Tag;
use guardrail_policy::facts::Tags;
use guardrail_policy::ordered;

use crate::failure::Unparsable;

/// A field that every answer has.
pub(crate) fn required<T>(field: &str, value: Option<&str>) -> Result<T, Unparsable>
where
    T: FromStr<Err: Error>,
{
    parsed(field, present(value).ok_or_else(|| missing(field))?)
}

/// A field's text in its own type.
pub(super) fn parsed<T>(field: &str, text: &str) -> Result<T, Unparsable>
where
    T: FromStr<Err: Error>,
{
    text.parse()
        .map_err(|error: T::Err| Unparsable(format!("in the field `{field}`: {error}")))
}

/// A field that not every answer has; an empty one counts as absent.
pub(super) fn present(value: Option<&str>) -> Option<&str> {
    value.filter(|text| !text.is_empty())
}

/// A field that is absent though every answer has it.
pub(crate) fn missing(field: &str) -> Unparsable {
    Unparsable(format!("the field `{field}` is missing"))
}

/// The tags; a tag without a value has an empty one.
pub(super) fn tags(tags: &[Tag]) -> Tags {
    let pairs = tags
        .iter()
        .filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    ordered::map(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())))
}
