//! The only place that prints.
//!
//! Answers go to standard output, everything else to standard error. Colours appear on a terminal only and honour
//! `NO_COLOR`; a reader that has gone away (`| head`) is no failure; a pipe that Node has made non-blocking is waited for.

use std::{
    cell::RefCell,
    io::{self, IsTerminal as _, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use owo_colors::OwoColorize as _;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::{Answer, ExitStatus, Failure, Format};
use crate::manifest::Progress;

/// Where one command's output goes.
pub(super) struct Output {
    command: &'static str,
    format: Format,
    /// For the JSON answer; people see them at once.
    warnings: RefCell<Vec<String>>,
}

impl Output {
    pub(super) fn new(command: &'static str, format: Format) -> Self {
        Self { command, format, warnings: RefCell::default() }
    }

    /// Says something that does not stop the command.
    pub(super) fn warn(&self, warning: &str) {
        if self.format == Format::Human {
            let text = format!("{} {}\n", "warning:".yellow().bold(), printable(warning));
            print(anstream::stderr(), &text);
        }
        self.warnings.borrow_mut().push(warning.to_owned());
    }

    /// A progress bar, visible when a person can see it.
    pub(super) fn progress(&self) -> Bar {
        let visible = self.format == Format::Human && io::stderr().is_terminal();
        Bar(Mutex::new(None), visible)
    }

    /// Prints the outcome of the command.
    pub(super) fn finish(&self, outcome: Result<Answer, Failure>) -> ExitStatus {
        let outcome = match (outcome, self.format) {
            (Ok(answer), Format::Human) => print(anstream::stdout(), &answer.text).map(|()| answer.status),
            (Ok(answer), Format::Json) => self.json(answer.status, answer.json),
            (Err(failure), Format::Human) => {
                print(anstream::stderr(), &text(&failure));
                Some(failure.status)
            }
            (Err(failure), Format::Json) => {
                let code = failure.code.map_or("ERR_LOADLOCK_USAGE", crate::error::Code::as_str);
                let error = json!({ "code": code, "message": failure.message, "help": failure.help });
                self.json(failure.status, Map::from_iter([("error".to_owned(), error)]))
            }
        };
        outcome.unwrap_or(ExitStatus::Usage)
    }

    fn json(&self, status: ExitStatus, members: Map<String, Value>) -> Option<ExitStatus> {
        let mut object = Map::new();
        object.insert("formatVersion".into(), 1.into());
        object.insert("command".into(), self.command.into());
        object.insert("ok".into(), (status == ExitStatus::Fine).into());
        object.extend(members);
        object.insert("warnings".into(), self.warnings.take().into());
        // `{:#}` of a JSON value cannot fail.
        print(anstream::stdout(), &format!("{:#}\n", Value::Object(object))).map(|()| status)
    }
}

/// Prints what clap has to say: help, the version, or an error.
pub(super) fn clap(error: &clap::Error) -> ExitStatus {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        print(anstream::stderr(), &text);
        ExitStatus::Usage
    } else {
        print(anstream::stdout(), &text).map_or(ExitStatus::Usage, |()| ExitStatus::Fine)
    }
}

/// A path or name from outside as one harmless line.
pub(super) fn one_line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

/// A message without what a terminal would interpret; line breaks stay, as messages have them.
pub(super) fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    clean
}

/// A progress bar that several threads may advance.
pub(super) struct Bar(Mutex<Option<ProgressBar>>, bool);

impl Progress for Bar {
    fn begin(&self, phase: &str, total: Option<u64>) {
        if !self.1 {
            return;
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template = match total {
            Some(_) => "{msg:>9} {bar:40} {human_pos}/{human_len} files",
            None => "{msg:>9} {spinner} {human_pos} files",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(phase.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        if let Some(last) = self.0.lock().replace(bar) {
            last.finish_and_clear();
        }
    }

    fn advance(&self, steps: u64) {
        if self.1
            && let Some(bar) = &*self.0.lock()
        {
            bar.inc(steps);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.0.get_mut().take() {
            bar.finish_and_clear();
        }
    }
}

fn text(failure: &Failure) -> String {
    let code = failure.code.map(|code| format!(" [{code}]")).unwrap_or_default();
    let mut text = format!("{}{code} {}\n", "error:".red().bold(), printable(&failure.message));
    for help in &failure.help {
        text.push_str(&format!("{} {}\n", "help:".cyan().bold(), printable(help)));
    }
    text
}

/// Writes everything; `None` when that is not possible for another reason than that nobody listens.
fn print(mut stream: impl Write, text: &str) -> Option<()> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match stream.write(rest) {
            Ok(0) => return None,
            Ok(written) => rest = &rest[written..],
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => {}
                io::ErrorKind::WouldBlock => std::thread::sleep(Duration::from_millis(1)),
                io::ErrorKind::BrokenPipe => return Some(()),
                _ => return None,
            },
        }
    }
    stream.flush().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Reluctant(Vec<u8>, Vec<io::ErrorKind>);

    impl Write for Reluctant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(kind) = self.1.pop() {
                return Err(kind.into());
            }
            self.0.extend_from_slice(&bytes[..1]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_pipe_is_waited_for_and_a_closed_one_is_fine() {
        use io::ErrorKind::{BrokenPipe, Interrupted, StorageFull, WouldBlock};
        let mut slow = Reluctant(Vec::new(), vec![WouldBlock, Interrupted, WouldBlock]);
        assert_eq!(print(&mut slow, "text"), Some(()));
        assert_eq!(slow.0, b"text");
        assert_eq!(print(Reluctant(Vec::new(), vec![BrokenPipe]), "text"), Some(()));
        assert_eq!(print(Reluctant(Vec::new(), vec![StorageFull]), "text"), None);
    }

    #[test]
    fn names_cannot_drive_the_terminal() {
        assert_eq!(printable("a\x1b[2J\nb\u{9b}"), "a\\u{1b}[2J\nb\\u{9b}");
        assert_eq!(one_line("a\x1b[2J\nb"), "a\\u{1b}[2J\\nb");
    }
}
