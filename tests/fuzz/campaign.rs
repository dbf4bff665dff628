//! One input after the other, until one fails.

use std::env;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::dice::Dice;

/// How many inputs of a kind there are at least, in every run of the tests.
const INPUTS: u64 = 4_000;
/// Longer than anything here takes on a busy machine, and far shorter than what never ends.
const LONGEST: Duration = Duration::from_secs(20);

/// What one input came to: whether it was taken at all, or what is wrong.
pub(crate) type Verdict = Result<bool, String>;

/// Tries inputs of a kind, of which in a whole run one in so many must be taken for what it seems to be.
pub(crate) fn run(
    kind: &str,
    one_in: u64,
    make: impl Fn(&mut Dice) -> Vec<u8>,
    holds: impl Fn(&mut Dice, &[u8]) -> Verdict,
) {
    let from = number("GUARDRAIL_FUZZ_FROM").unwrap_or_default();
    let mut taken = 0;
    let inputs = number("GUARDRAIL_FUZZ").unwrap_or(INPUTS);
    for number in from..from + inputs {
        let mut dice = Dice::of(number);
        let input = make(&mut dice);
        let began = Instant::now();
        let verdict = catch_unwind(AssertUnwindSafe(|| holds(&mut dice, &input)));
        let took = began.elapsed();
        match verdict {
            Ok(Ok(_)) if took > LONGEST => fails(kind, number, &input, &format!("it took {took:?}")),
            Ok(Ok(is_taken)) => taken += u64::from(is_taken),
            Ok(Err(wrong)) => fails(kind, number, &input, &wrong),
            Err(_) => fails(kind, number, &input, "it panicked, as told above"),
        }
    }
    let is_whole = inputs >= INPUTS;
    assert!(
        !is_whole || taken > inputs / one_in,
        "only {taken} of {inputs} were taken for a {kind}"
    );
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("`{variable}` is `{text}`: write a number")),
    )
}

/// Keeps the input, and shows its beginning.
fn fails(kind: &str, number: u64, input: &[u8], wrong: &str) -> ! {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let file = folder.join(format!("{kind}-{number}"));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
    let shown = String::from_utf8_lossy(&input[..input.len().min(4000)]);
    panic!(
        "{kind} {number} ({} bytes): {wrong}\nthe input is in {} ({kept:?}), and made again by GUARDRAIL_FUZZ_FROM={number} GUARDRAIL_FUZZ=1:\n{}",
        input.len(),
        file.display(),
        shown.escape_debug(),
    )
}

#[test]
fn what_fails_is_kept_and_shown_with_its_number() {
    let failed = catch_unwind(|| {
        run(
            "example",
            1,
            |_| b"in\x1bput".to_vec(),
            |_, _| Err("it is an example".to_owned()),
        );
    });
    let message = *failed.unwrap_err().downcast::<String>().unwrap();
    let number = number("GUARDRAIL_FUZZ_FROM").unwrap_or_default();
    let start = format!("example {number} (6 bytes): it is an example\n");
    assert!(
        message.starts_with(&start) && message.ends_with("in\\u{1b}put"),
        "{message}"
    );
    let file = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("fuzz")
        .join(format!("example-{number}"));
    assert_eq!(fs::read(&file).unwrap(), b"in\x1bput");
    fs::remove_file(file).unwrap();
}
