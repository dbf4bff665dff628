//! What the function logs besides its records: where to, in which form, and from which level on.

use std::env;

use lambda_runtime::tracing::subscriber::filter::{LevelFilter, Targets};
use lambda_runtime::tracing::subscriber::layer::{Layer as _, SubscriberExt as _};
use lambda_runtime::tracing::subscriber::util::SubscriberInitExt as _;
use lambda_runtime::tracing::subscriber::{fmt, registry};

/// Logs to standard output, as Lambda's logging controls have it: `AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL`.
///
/// It is what `lambda_runtime` sets up by itself, but for directives about spans and their fields in `RUST_LOG`: they are
/// left out, and with them a library of regular expressions.
pub(crate) fn start() {
    let variable = |name: &str| env::var(name).ok();
    let lines = fmt::layer().with_target(false).without_time();
    let lines = match variable("AWS_LAMBDA_LOG_FORMAT") {
        Some(format) if format.eq_ignore_ascii_case("json") => lines.json().boxed(),
        _ => lines.boxed(),
    };
    let levels = levels(
        variable("AWS_LAMBDA_LOG_LEVEL").as_deref(),
        variable("RUST_LOG").as_deref(),
    );
    let _set_already = registry().with(lines).with(levels).try_init();
}

/// What is logged: what `RUST_LOG` says where it says anything, else everything from Lambda's level on.
fn levels(lambda: Option<&str>, rust: Option<&str>) -> Targets {
    let directives = rust.unwrap_or_default().split(',');
    let usable = directives.filter(|directive| !directive.is_empty() && directive.parse::<Targets>().is_ok());
    let usable: Vec<&str> = usable.collect();
    let level = lambda.or(rust).and_then(|level| level.parse().ok());
    let everything = || Targets::new().with_default(level.unwrap_or(LevelFilter::INFO));
    match usable.as_slice() {
        [] => everything(),
        usable => usable.join(",").parse().unwrap_or_else(|_| everything()),
    }
}

#[cfg(test)]
mod tests {
    use lambda_runtime::tracing::Level;

    use super::*;

    #[test]
    fn lambda_s_level_is_for_everything_and_information_without_one() {
        for (lambda, shown, hidden) in [
            (None, Level::INFO, Level::DEBUG),
            (Some("DEBUG"), Level::DEBUG, Level::TRACE),
            (Some("error"), Level::ERROR, Level::WARN),
            (Some("loud"), Level::INFO, Level::DEBUG),
        ] {
            let levels = levels(lambda, None);
            assert!(levels.would_enable("anything", &shown), "{lambda:?}");
            assert!(!levels.would_enable("anything", &hidden), "{lambda:?}");
        }
    }

    #[test]
    fn rust_log_goes_before_it_and_what_is_wrong_in_it_is_left_out() {
        let levels = |rust| levels(Some("ERROR"), Some(rust));
        assert!(levels("debug").would_enable("anything", &Level::DEBUG));
        let mixed = levels("warn,aws_config=trace,,nonsense=loud");
        assert!(mixed.would_enable("aws_config::meta", &Level::TRACE));
        assert!(mixed.would_enable("anything", &Level::WARN) && !mixed.would_enable("anything", &Level::INFO));
        let wrong = levels("nonsense=loud");
        assert!(wrong.would_enable("anything", &Level::ERROR) && !wrong.would_enable("anything", &Level::WARN));
    }
}
