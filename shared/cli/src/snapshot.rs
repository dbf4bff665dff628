//! Snapshots of networks, in files.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use guardrail_world::World;

use crate::input::unreadable;

/// A snapshot from a file.
///
/// # Errors
/// When it cannot be read: where, and the remedy.
pub(crate) fn read(path: &Path) -> Result<World> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| anyhow!("the snapshot `{name}` {}", unreadable(path, &error)))?;
    World::read(&bytes).with_context(|| format!("the snapshot `{name}` cannot be used"))
}

/// Writes a snapshot to a file, as JSON.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(path: &Path, world: &World) -> Result<()> {
    let name = path.display();
    let bytes = serde_json::to_vec_pretty(world).with_context(|| format!("the snapshot `{name}` cannot be made"))?;
    fs::write(path, bytes)
        .map_err(|error| anyhow!("the snapshot `{name}` cannot be written ({error}): give another place"))
}
