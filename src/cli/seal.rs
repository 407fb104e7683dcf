//! `loadlock seal`: makes the seal.
//!
//! JSON: `root`, `keyId`, `epoch`, `expires` (RFC 3339 or null), `packages`, `files`, `links`, `bytes`, `manifest`
//! (BLAKE3 of `loadlock.manifest.json`), `seconds`.

use std::{
    env,
    path::{Path, PathBuf},
    time::Instant,
};

use jiff::{Span, Timestamp, ToSpan as _, Unit, tz::TimeZone};
use serde_json::json;

use super::{
    Answer, Failure, Format,
    output::{Output, printable},
};
use crate::{
    attestation::{PrivateKey, disk},
    manifest::{self, SealOptions, SealReport},
};

/// Seal an application: hash and analyse every file, and sign the result
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The application, with its node_modules (for a workspace: the workspace root)
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The private key that signs (PKCS#8 PEM)
    #[arg(long, value_name = "KEY.pem")]
    key: PathBuf,
    /// Epoch of this seal; default: SOURCE_DATE_EPOCH, else above the last one and at least the time in seconds
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
    /// When the seal becomes void: a duration such as 90d, or an RFC 3339 time
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Leave out what matches, relative to DIR; it will not load (repeatable)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Start the application without the lockdown of intrinsics (integrity then falls to prototype tampering)
    #[arg(long)]
    no_lockdown: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) fn seal(args: &Args, output: &Output) -> Result<Answer, Failure> {
    let clock = Clock::from_env()?;
    let options = SealOptions {
        key: read_key(&args.key)?,
        key_path: Some(args.key.clone()),
        epoch: args.epoch.or(clock.epoch()),
        expires: args.expires.as_deref().map(|text| clock.expiry(text)).transpose()?,
        exclude: args.exclude.clone(),
        lockdown: !args.no_lockdown,
    };
    if args.no_lockdown {
        output.warn("sealed without lockdown: code in the application can undo the checks with two lines of JavaScript");
    }
    let begun = Instant::now();
    let report = seal_tree(&args.dir, &options, output)?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut text = summary(&report, seconds);
    text.push_str(&format!(
        "  key      sha256:{}\n  epoch    {}\n  expires  {}\n",
        report.key_id,
        report.epoch,
        report.expires.map_or("never".to_owned(), |expires| expires.to_string())
    ));
    let json = json!({
        "root": report.root.to_string_lossy(),
        "keyId": format!("sha256:{}", report.key_id),
        "epoch": report.epoch,
        "expires": report.expires.map(|expires| expires.to_string()),
        "packages": report.packages,
        "files": report.files,
        "links": report.links,
        "bytes": report.bytes,
        "manifest": report.manifest.to_string(),
        "seconds": (seconds * 1000.0).round() / 1000.0,
    });
    Ok(Answer::fine(text, json))
}

/// Seals with a progress bar, and shows the warnings.
pub(super) fn seal_tree(dir: &Path, options: &SealOptions, output: &Output) -> Result<SealReport, Failure> {
    let report = manifest::seal(dir, options, &output.progress())?;
    for warning in report.warnings.iter().take(SHOWN) {
        output.warn(warning);
    }
    if report.warnings.len() > SHOWN {
        output.warn(&format!("and {} more warnings", report.warnings.len() - SHOWN));
    }
    Ok(report)
}

/// One line about what was sealed.
pub(super) fn summary(report: &SealReport, seconds: f64) -> String {
    let root = printable(&report.root.to_string_lossy());
    let (files, packages, size) = (report.files, report.packages, megabytes(report.bytes));
    format!("Sealed {files} files of {packages} packages ({size}) in {root} in {seconds:.1} s\n")
}

pub(super) fn read_key(path: &Path) -> Result<PrivateKey, Failure> {
    let named = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let pem = disk::read_bounded(path, MAX_KEY, disk::Links::Follow);
    let pem = zeroize::Zeroizing::new(pem.map_err(|error| {
        named(&error).with_help("make a key with: loadlock keygen --out ~/.config/loadlock/NAME.key.pem")
    })?);
    PrivateKey::from_pem(&pem).map_err(|error| named(&error))
}

/// The time that counts for a reproducible build: `SOURCE_DATE_EPOCH`, where that is set.
pub(super) struct Clock {
    source_date: Option<u64>,
}

impl Clock {
    pub(super) fn from_env() -> Result<Self, Failure> {
        let Some(text) = env::var_os("SOURCE_DATE_EPOCH") else { return Ok(Self { source_date: None }) };
        let seconds = text.to_str().and_then(|text| text.parse().ok());
        let seconds =
            seconds.ok_or_else(|| Failure::usage("SOURCE_DATE_EPOCH is not a number of seconds"))?;
        Ok(Self { source_date: Some(seconds) })
    }

    /// The epoch that the environment demands.
    pub(super) const fn epoch(&self) -> Option<u64> {
        self.source_date
    }

    fn now(&self) -> Timestamp {
        let source_date = self.source_date.and_then(|seconds| i64::try_from(seconds).ok());
        source_date.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_else(Timestamp::now)
    }

    /// Reads `--expires`.
    fn expiry(&self, text: &str) -> Result<Timestamp, Failure> {
        let now = self.now();
        let expires = match text.parse::<Timestamp>() {
            Ok(expires) => expires,
            Err(_) => text
                .parse::<Span>()
                .and_then(|span| now.to_zoned(TimeZone::UTC).checked_add(span))
                .map_err(|_| {
                    Failure::usage(format!("--expires: {text:?} is neither a duration nor an RFC 3339 time"))
                        .with_help("examples: --expires 90d, --expires 2w, --expires 2027-01-31T00:00:00Z")
                })?
                .timestamp(),
        };
        let expires = expires.round(Unit::Second).unwrap_or(expires);
        if expires < now + 1.second() {
            return Err(Failure::usage(format!("--expires: {expires} is not in the future")));
        }
        Ok(expires)
    }
}

fn megabytes(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{} MB", bytes / 1_000_000)
    }
}

/// A key in PEM has some hundred bytes.
const MAX_KEY: u64 = 64 << 10;

/// More warnings than this help nobody.
const SHOWN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_a_duration_or_a_time() {
        let clock = Clock { source_date: Some(1_000_000_000) };
        let expiry =
            |text: &str| clock.expiry(text).map(|expires| expires.to_string()).map_err(|it| it.message);
        for (text, expected) in [
            ("90d", "2001-12-08T01:46:40Z"),
            ("1 year", "2002-09-09T01:46:40Z"),
            ("P1D", "2001-09-10T01:46:40Z"),
            ("2030-01-01T00:00:00+01:00", "2029-12-31T23:00:00Z"),
        ] {
            assert_eq!(expiry(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["", "soon", "90", "-1d", "0d", "2001-01-01T00:00:00Z", "99999y"] {
            assert!(expiry(text).is_err(), "{text}");
        }
    }
}
