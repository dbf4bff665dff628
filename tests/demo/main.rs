//! The demo: a short story on an emulated AWS, with the real compiled function in the middle.
//!
//! Everything runs on loopback and stops at the end. It fails when the story does not come out as told.

mod page;
mod story;
mod telling;
mod theatre;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use harness::emulator::Emulator;
use page::Page;
use theatre::Theatre;

fn main() -> ExitCode {
    let mut page = Page::on_stdout();
    match play(&mut page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nowhere_to_say_it = page.trouble(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn play(page: &mut Page) -> anyhow::Result<()> {
    let began = Instant::now();
    page.heading("vpc-guardrail, from a call to a message")?;
    page.paragraph(
        "Starting an emulated AWS on loopback and the compiled functions `security-groups` and `vpc-endpoints` …",
    )?;
    let emulator = Arc::new(Emulator::start()?);
    let mut groups = Theatre::of_groups(&emulator, page)?;
    page.paragraph(&format!("Ready after {:.1} s.", began.elapsed().as_secs_f32()))?;
    story::of_groups(&mut groups, page)?;
    page.paragraph("")?;
    let mut endpoints = Theatre::of_endpoints(&emulator, page)?;
    story::of_endpoints(&mut endpoints, page)?;
    theatre::sum_up(&[groups, endpoints], page)?;
    drop(emulator);
    page.paragraph("The emulated AWS and the functions have been stopped.")?;
    Ok(())
}
