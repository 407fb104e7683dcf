//! Where violations are recorded: always in memory, and as JSON Lines when the operator named a file.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use parking_lot::Mutex;
use serde::Serialize;

use super::{Enforcement, Refusal};

/// The record of this process. A violation is recorded before it is thrown, so that code which catches the error
/// cannot hide it (I10).
#[derive(Debug, Default)]
pub struct Events {
    log: Option<Mutex<File>>,
    seen: Mutex<Vec<Seen>>,
}

#[derive(Debug)]
struct Seen {
    code: &'static str,
    /// The file, or package and capability.
    subject: String,
    message: String,
    count: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    /// Milliseconds since the Unix epoch, as pino writes it.
    time: u128,
    pid: u32,
    event: &'static str,
    decision: &'static str,
    #[serde(flatten)]
    refusal: &'a Refusal,
}

/// More different violations than anybody reads; the count goes on in the log file.
const MAX_SEEN: usize = 10_000;

impl Events {
    /// Appends to `path` when there is one.
    ///
    /// # Errors
    /// When the file cannot be opened for appending.
    pub fn open(path: Option<&Path>) -> std::io::Result<Self> {
        let log = path.map(|path| File::options().append(true).create(true).open(path)).transpose()?;
        Ok(Self { log: log.map(Mutex::new), seen: Mutex::default() })
    }

    pub fn record(&self, refusal: &Refusal, enforcement: Enforcement) {
        self.remember(refusal);
        let Some(log) = &self.log else { return };
        let decision = match enforcement {
            Enforcement::Audit => "audit",
            Enforcement::Enforce => "deny",
        };
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let line = Line { time, pid: std::process::id(), event: "loadlock.violation", decision, refusal };
        if let Ok(mut text) = serde_json::to_vec(&line) {
            text.push(b'\n');
            // One write per line keeps lines of several processes apart. A full disk must not turn a refusal into a
            // load: the error is thrown either way, and the record in memory stays.
            let _ = log.lock().write_all(&text);
        }
    }

    pub fn summary(&self) -> Vec<String> {
        self.seen
            .lock()
            .iter()
            .map(|seen| format!("{} {} ({}x): {}", seen.code, seen.subject, seen.count, seen.message))
            .collect()
    }

    fn remember(&self, refusal: &Refusal) {
        let subject = match (refusal.capability, &refusal.package) {
            (Some(capability), Some(package)) => format!("{package} {capability}"),
            _ => refusal.path.clone().unwrap_or_default(),
        };
        let mut seen = self.seen.lock();
        if let Some(known) =
            seen.iter_mut().find(|known| known.subject == subject && known.code == refusal.code.as_str())
        {
            known.count += 1;
        } else if seen.len() < MAX_SEEN {
            seen.push(Seen {
                code: refusal.code.as_str(),
                subject,
                message: refusal.message.clone(),
                count: 1,
            });
        }
    }
}
