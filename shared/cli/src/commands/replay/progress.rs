//! How far a long replay has come, where somebody watches.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

/// From how many bytes on it is worth showing.
const LARGE: u64 = 4 * 1024 * 1024;

/// A bar on standard error; none where that is no terminal, or where there is little to read.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Over all these files, by their sizes on disk. What standard input holds is not known before its end.
    pub(super) fn over(files: &[PathBuf]) -> Self {
        let sizes = files
            .iter()
            .map(|file| fs::metadata(file).map(|metadata| metadata.len()).ok());
        match sizes.sum::<Option<u64>>() {
            Some(bytes) if bytes < LARGE => Self(ProgressBar::hidden()),
            Some(bytes) => Self(styled(
                ProgressBar::new(bytes),
                "{bar:32} {bytes} of {total_bytes}, {eta} to go",
            )),
            None => Self(styled(ProgressBar::no_length(), "{spinner} {bytes} read")),
        }
    }

    /// The bar itself, for whoever writes beside it.
    pub(super) fn bar(&self) -> ProgressBar {
        self.0.clone()
    }

    /// Counts bytes as they are read.
    pub(super) fn watch(&self, bytes: Box<dyn Read>) -> Box<dyn Read> {
        Box::new(self.0.wrap_read(bytes))
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// indicatif shows nothing where standard error is no terminal. A template that it cannot read leaves its default.
pub(in crate::commands) fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
