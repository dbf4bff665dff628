//! Reading a network from a file.

use crate::model::World;

/// How a snapshot is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON: what tools write.
    Json,
    /// YAML: what people write.
    Yaml,
}

/// A snapshot that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It is no text.
    #[error("the snapshot is not UTF-8: save it as UTF-8")]
    NotText,
    /// Something in it cannot be read.
    #[error(
        "line {line}, column {column}: {reason}; mend the snapshot: it names `account` and `region`, and by id what it knows of `vpcs`, `subnets`, `groups`, `endpoints`, `route_tables`, `internet_gateways`, `egress_only_gateways`, `nat_gateways`, `interfaces`, `endpoint_services`, `prefix_lists`, `network_paths`, `rest_apis`, `http_apis` and `graphql_apis`, and `block_public_access`"
    )]
    Unreadable {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
}

impl World {
    /// Reads a snapshot: as JSON where it begins with a brace, else as YAML.
    ///
    /// # Errors
    /// [`SnapshotError`] with the place where reading ended.
    pub fn read(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        Self::read_as(if json { Format::Json } else { Format::Yaml }, bytes)
    }

    /// Reads a snapshot in a given format.
    ///
    /// # Errors
    /// [`SnapshotError`] with the place where reading ended.
    pub fn read_as(format: Format, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let text = std::str::from_utf8(bytes).map_err(|_| SnapshotError::NotText)?;
        match format {
            Format::Json => serde_json::from_str(text).map_err(|error| of_json(&error)),
            Format::Yaml => serde_saphyr::from_str(text).map_err(|error| of_yaml(&error)),
        }
    }
}

fn of_json(error: &serde_json::Error) -> SnapshotError {
    let number = |place| u64::try_from(place).unwrap_or(u64::MAX);
    unreadable(number(error.line()), number(error.column()), &error.to_string())
}

fn of_yaml(error: &serde_saphyr::Error) -> SnapshotError {
    let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
    unreadable(line, column, &error.without_snippet().to_string())
}

/// The error without the place that both readers put behind it.
fn unreadable(line: u64, column: u64, text: &str) -> SnapshotError {
    let reason = text
        .rsplit_once(" at line ")
        .map_or(text, |(reason, _)| reason)
        .to_owned();
    SnapshotError::Unreadable { line, column, reason }
}
