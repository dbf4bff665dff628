//! CloudTrail's re-typed JSON, read back.
//!
//! A record is JSON that AWS made from XML or from a query string, in one of two dialects. In both a value may be text,
//! number or boolean as it happens to look, and an empty one `""`, `{}` or nothing. A list is `{"items": […]}`,
//! `{"item": X}`, `[…]`, or, when it has one element, that element; an element may be `{"tag": 1, "content": X}`.
//! Names are `lowerCamel` in one dialect and `PascalCase` in the other, where a wrapper stands around the whole.

use std::str::FromStr;

use serde_json::Value;

use crate::event::EventError;
use crate::id::{AccountId, IdError};
use crate::legible::one_line;

/// The most characters that are kept of a text which a caller may have chosen.
const LEGIBLE: usize = 256;

static NOTHING: Value = Value::Null;

/// One value of a record, present or not, with the path to it.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    /// The root of a record; paths below it start with their first member.
    pub(super) fn root(value: &'a Value) -> Self {
        Self {
            value,
            path: String::new(),
        }
    }

    /// The value itself.
    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    /// A member by its `lowerCamel` name, in either dialect; absent members are nodes too.
    pub(super) fn member(&self, name: &str) -> Self {
        let members = self.value.as_object();
        let (key, value) = members
            .and_then(|members| {
                members
                    .get_key_value(name)
                    .or_else(|| members.get_key_value(&pascal(name)))
            })
            .map_or((name, &NOTHING), |(key, value)| (key.as_str(), value));
        Self {
            value,
            path: if self.path.is_empty() {
                key.to_owned()
            } else {
                format!("{}.{key}", self.path)
            },
        }
    }

    /// The first of several members that is there; the first name, absent, if none is.
    pub(super) fn any(&self, names: &[&str]) -> Self {
        let present = names
            .iter()
            .map(|name| self.member(name))
            .find(|node| !node.is_absent());
        present.unwrap_or_else(|| self.member(names.first().copied().unwrap_or_default()))
    }

    /// Whether nothing is there: no member, `null`, `""`, `{}` or `[]`.
    pub(super) fn is_absent(&self) -> bool {
        match self.value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// The names of the members of an object, fit to be shown.
    pub(super) fn keys(&self) -> Vec<String> {
        let members = self.value.as_object().into_iter();
        members
            .flat_map(|members| members.keys())
            .map(|key| legible(key))
            .collect()
    }

    /// Whether this is a scalar that says true.
    pub(super) fn is_true(&self) -> bool {
        self.text().is_some_and(|text| text == "true")
    }

    /// A scalar as text: the number 443 and the text `443` are the same; none for what is absent or no scalar.
    pub(super) fn text(&self) -> Option<String> {
        match self.value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Object(members) if members.contains_key("content") => self.member("content").text(),
            _ => None,
        }
    }

    /// A scalar as text for people: see [`legible`].
    pub(super) fn legible(&self) -> Option<String> {
        self.text().map(|text| legible(&text)).filter(|text| !text.is_empty())
    }

    /// A scalar of a type, or why it is none.
    pub(super) fn required<T>(&self) -> Result<T, EventError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        self.optional()?.ok_or_else(|| self.missing())
    }

    /// A scalar of a type; none if it is absent; an error if something else stands there.
    pub(super) fn optional<T>(&self) -> Result<Option<T>, EventError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        if self.is_absent() {
            return Ok(None);
        }
        let text = self.text().ok_or_else(|| {
            self.unreadable(
                "a list or an object stands where a text or a number should: pass the record as it was delivered",
            )
        })?;
        text.trim()
            .parse()
            .map(Some)
            .map_err(|error: T::Err| self.unreadable(error))
    }

    /// A scalar of a type, where anything else is as good as nothing.
    pub(super) fn lenient<T: FromStr>(&self) -> Option<T> {
        self.text().and_then(|text| text.trim().parse().ok())
    }

    /// An account, also where its leading zeros were lost in a number.
    pub(super) fn account(&self) -> Option<AccountId> {
        self.text()
            .and_then(|text| format!("{:0>12}", text.trim()).parse().ok())
    }

    /// The elements of a list, in whichever of its forms; what is no list is a list of one.
    pub(super) fn items(&self) -> Vec<Self> {
        if self.is_absent() {
            return Vec::new();
        }
        match self.value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| self.element(index, value))
                .collect(),
            Value::Object(members) if members.contains_key("items") => self.member("items").items(),
            Value::Object(members) if members.contains_key("item") => self.member("item").items(),
            _ => vec![self.clone()],
        }
    }

    /// The elements of a list of scalars, or of objects that each hold one under a name.
    pub(super) fn list_of<T>(&self, name: &str) -> Result<Vec<T>, EventError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        self.items()
            .iter()
            .map(|item| item.scalar_or(name).required())
            .collect()
    }

    /// This, if it is a scalar, else its member of a name.
    pub(super) fn scalar_or(&self, name: &str) -> Self {
        if self.text().is_some() {
            self.clone()
        } else {
            self.member(name)
        }
    }

    /// What stands inside the wrapper of the `PascalCase` dialect, `{"CreateVpcEndpointRequest": {…}}`, if one is there.
    ///
    /// AWS does not always name it after the call, so that it is known by its form: the only member, in `PascalCase`.
    pub(super) fn unwrapped(&self) -> Self {
        let only = self
            .value
            .as_object()
            .filter(|members| members.len() == 1)
            .and_then(|members| members.keys().next());
        match only.filter(|key| key.starts_with(|first: char| first.is_ascii_uppercase())) {
            Some(key) if is_wrapped(&self.member(key)) => self.member(key),
            _ => self.clone(),
        }
    }

    /// A scalar of a type that does not say itself what it should look like: `a port` is like `443`.
    pub(super) fn optional_like<T: FromStr>(
        &self,
        kind: &'static str,
        example: &'static str,
    ) -> Result<Option<T>, EventError> {
        let text: Option<String> = self.optional()?;
        let parsed = |text: String| text.trim().parse().map_err(|_| self.unlike(&text, kind, example));
        text.map(parsed).transpose()
    }

    /// That nothing stands here.
    pub(super) fn missing(&self) -> EventError {
        EventError::Missing {
            path: legible(&self.path),
        }
    }

    /// That what stands here cannot be read.
    pub(super) fn unreadable(&self, reason: impl std::fmt::Display) -> EventError {
        EventError::Unreadable {
            path: legible(&self.path),
            reason: one_line(&reason.to_string()).into_owned(),
        }
    }

    /// That what stands here is not of a kind.
    pub(super) fn unlike(&self, text: &str, kind: &'static str, example: &'static str) -> EventError {
        self.unreadable(IdError {
            text: text.chars().take(80).collect(),
            kind,
            example,
        })
    }

    fn element(&self, index: usize, value: &'a Value) -> Self {
        Self {
            value,
            path: format!("{}[{index}]", self.path),
        }
    }
}

/// A request or response with members; without any it is `""`.
fn is_wrapped(node: &Node<'_>) -> bool {
    match node.value {
        Value::Object(members) => !members.contains_key("content"),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// `GroupId` for `groupId`.
fn pascal(name: &str) -> String {
    let mut rest = name.chars();
    rest.next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(rest)
        .collect()
}

/// A text fit to be shown: no control characters, none that turn the direction of reading or hide, at most 256 characters.
///
/// Callers choose their user agent and their session's name, and what they choose ends in messages that people act on.
pub(super) fn legible(text: &str) -> String {
    one_line(text).chars().take(LEGIBLE).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The group ids in a list of some form.
    fn groups(list: &Value) -> Result<Vec<String>, EventError> {
        Node::root(&json!({ "groupSet": list }))
            .member("groupSet")
            .list_of("groupId")
    }

    #[test]
    fn a_list_of_one_is_the_same_in_every_form() {
        let forms = [
            json!({ "items": [{ "groupId": "sg-1" }] }),
            json!({ "items": { "groupId": "sg-1" } }),
            json!({ "item": { "groupId": "sg-1" } }),
            json!({ "item": [{ "groupId": "sg-1" }] }),
            json!([{ "groupId": "sg-1" }]),
            json!({ "groupId": "sg-1" }),
            json!({ "tag": 1, "GroupId": "sg-1" }),
            json!({ "tag": 1, "content": "sg-1" }),
            json!([{ "tag": 1, "content": "sg-1" }]),
            json!("sg-1"),
        ];
        for form in forms {
            assert_eq!(groups(&form), Ok(vec!["sg-1".to_owned()]), "{form}");
        }
    }

    #[test]
    fn an_empty_list_is_the_same_in_every_form() {
        for form in [
            json!({}),
            json!([]),
            json!(""),
            json!(null),
            json!({ "items": [] }),
            json!({ "items": {} }),
            json!({ "item": "" }),
        ] {
            assert_eq!(groups(&form), Ok(Vec::new()), "{form}");
        }
    }

    #[test]
    fn blanks_around_a_scalar_do_not_count_and_blanks_alone_are_no_id() {
        assert_eq!(groups(&json!([" sg-1\n"])), Ok(vec!["sg-1".to_owned()]));
        let blank = Node::root(&json!({ "groupId": " " }))
            .member("groupId")
            .required::<AccountId>();
        assert!(matches!(blank, Err(EventError::Unreadable { .. })), "{blank:?}");
    }

    #[test]
    fn an_element_without_its_name_is_an_error_with_its_path() {
        let error = groups(&json!({ "items": [{ "groupId": "sg-1" }, { "groupName": "web" }] }));
        assert_eq!(
            error,
            Err(EventError::Missing {
                path: "groupSet.items[1].groupId".to_owned()
            })
        );
    }

    #[test]
    fn a_wrapper_is_the_only_member_in_pascal_case_that_has_members_or_none() {
        let unwrapped = |value: Value| Node::root(&value).unwrapped().value().clone();
        assert_eq!(
            unwrapped(json!({ "DelTGwVpcAttachReq": { "Id": 1 } })),
            json!({ "Id": 1 })
        );
        assert_eq!(unwrapped(json!({ "CreateDefaultVpcRequest": "" })), json!(""));
        for bare in [
            json!({ "instanceType": { "value": "t3.small" } }),
            json!({ "GroupId": { "tag": 1, "content": "sg-1" } }),
            json!({ "GroupId": "sg-1" }),
            json!({ "GroupId": "sg-1", "SecurityGroupRule": { "tag": 1 } }),
        ] {
            assert_eq!(unwrapped(bare.clone()), bare);
        }
    }
}
