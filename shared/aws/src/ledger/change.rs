//! One update of one item, with a placeholder for every name and value in it: `DynamoDB` reserves hundreds of words.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};

use super::item::KEY;

/// An `UpdateItem`, alone or in a transaction.
#[derive(Debug, Clone)]
pub(super) struct Change {
    key: String,
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    /// A change of the item with this key, which is made where there is none.
    pub(super) fn of(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            sets: Vec::new(),
            removes: Vec::new(),
            conditions: Vec::new(),
            names: HashMap::new(),
            values: HashMap::new(),
        }
    }

    pub(super) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.sets.push(format!("{name} = {value}"));
        self
    }

    /// Sets an attribute that is not there yet.
    pub(super) fn set_once(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.sets.push(format!("{name} = if_not_exists({name}, {value})"));
        self
    }

    pub(super) fn remove(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.removes.push(name);
        self
    }

    /// Makes the change only where an attribute has this value.
    pub(super) fn where_equal(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.conditions.push(format!("{name} = {value}"));
        self
    }

    /// Makes the change only where an attribute has this value or is not there.
    pub(super) fn where_equal_or_absent(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        let condition = format!("(attribute_not_exists({name}) OR {name} = {value})");
        self.conditions.push(condition);
        self
    }

    /// Makes the change only under a condition, in which names and values have been [named](Self::name).
    pub(super) fn only_if(mut self, condition: String) -> Self {
        self.conditions.push(condition);
        self
    }

    /// What a name is called in an expression: the same each time.
    pub(super) fn name(&mut self, name: &str) -> String {
        if let Some((known, _)) = self.names.iter().find(|(_, other)| *other == name) {
            return known.clone();
        }
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// What a value is called in an expression.
    pub(super) fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    fn expression(&self) -> String {
        let part = |word: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{word} {}", parts.join(", ")),
        };
        let both = [part("SET", &self.sets), part("REMOVE", &self.removes)];
        both.join(" ").trim().to_owned()
    }

    fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    /// The change by itself.
    pub(super) fn alone(self, call: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        let call = call
            .update_expression(self.expression())
            .set_condition_expression(self.condition());
        call.key(KEY, AttributeValue::S(self.key))
            .set_expression_attribute_names(present(self.names))
            .set_expression_attribute_values(present(self.values))
    }

    /// The change as a part of a transaction.
    pub(super) fn in_transaction(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let update = Update::builder()
            .table_name(table)
            .update_expression(self.expression())
            .set_condition_expression(self.condition())
            .key(KEY, AttributeValue::S(self.key))
            .set_expression_attribute_names(present(self.names))
            .set_expression_attribute_values(present(self.values));
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }
}

/// A map that has something in it: `DynamoDB` refuses an empty one.
fn present<V>(map: HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!map.is_empty()).then_some(map)
}
