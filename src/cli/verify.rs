//! `loadlock verify`: compares a tree with its seal.
//!
//! JSON: `root`, `statement` (`epoch`, `expires`, `lockdown`, `tool`, `signers`), `packages`, `files`, `findings` (each
//! with `package` (its location), `label`, `path`, `change` (`added`, `changed`, `missing`), `expected`, `found`) and
//! `unreadable` (each with `path`, `message`).

use std::{collections::BTreeMap, env, fmt::Write as _, path::PathBuf};

use jiff::Timestamp;
use owo_colors::OwoColorize as _;
use serde_json::{Value, json};

use super::{
    Answer, ExitStatus, Failure, Format, object,
    output::{Output, one_line},
};
use crate::{
    attestation::{Conditions, Expiration, Trust},
    manifest::{self, Change, Finding, VerifyReport},
};

/// Check the signature, then every file; list what was added, changed or is missing
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The sealed application
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Trusted keys: files or sha256:<key id>, comma-separated; default: LOADLOCK_TRUST, /etc/loadlock
    #[arg(long, value_name = "KEYS")]
    trust: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) fn verify(args: &Args, output: &Output) -> Result<Answer, Failure> {
    let spec = trust_spec(args.trust.as_deref())?;
    let root = args.dir.canonicalize();
    let root = root.map_err(|error| Failure::usage(format!("{}: {error}", args.dir.display())))?;
    let (trust, warnings) = Trust::resolve(spec.as_deref(), &root)?;
    for warning in warnings {
        output.warn(&warning);
    }
    let report = manifest::verify(&root, &trust, &conditions()?, &output.progress())?;
    let status = match (&report.unreadable[..], &report.findings[..]) {
        ([], []) => ExitStatus::Fine,
        ([], _) => ExitStatus::Findings,
        _ => ExitStatus::Usage,
    };
    Ok(Answer { status, text: text(&report), json: object(json(&report)) })
}

/// `--trust`, else `LOADLOCK_TRUST`.
pub(super) fn trust_spec(argument: Option<&str>) -> Result<Option<String>, Failure> {
    match (argument, env::var_os("LOADLOCK_TRUST")) {
        (Some(argument), _) => Ok(Some(argument.to_owned())),
        (None, Some(value)) => match value.into_string() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Failure::usage("LOADLOCK_TRUST is not UTF-8")),
        },
        (None, None) => Ok(None),
    }
}

/// What must hold of a statement now, with `LOADLOCK_MIN_EPOCH` from the environment.
pub(super) fn conditions() -> Result<Conditions, Failure> {
    let min_epoch = match env::var_os("LOADLOCK_MIN_EPOCH") {
        None => 0,
        Some(text) => text
            .to_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Failure::usage("LOADLOCK_MIN_EPOCH is not a whole number"))?,
    };
    Ok(Conditions { expiration: Expiration::EnforcedAt(Timestamp::now()), min_epoch })
}

fn text(report: &VerifyReport) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let out = &mut text;
    let mut packages: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        packages.entry((finding.package.as_str(), &finding.label)).or_default().push(finding);
    }
    for ((location, label), findings) in &packages {
        let place = if location.is_empty() { String::new() } else { format!("  {}", one_line(location)) };
        let _ = writeln!(out, "{}{}", one_line(label).bold(), place.dimmed());
        for finding in findings {
            let change = format!("{:<7}", finding.change.as_str());
            let change = match finding.change {
                Change::Added => change.yellow().to_string(),
                Change::Changed => change.red().to_string(),
                Change::Missing => change.magenta().to_string(),
            };
            let _ = writeln!(out, "  {change}  {}", one_line(&finding.path));
            let sealed = finding.expected.as_ref().filter(|_| finding.change == Change::Changed);
            for (word, what) in [("sealed", sealed), ("found", finding.found.as_ref())] {
                if let Some(what) = what {
                    let _ = writeln!(out, "           {:<6} {}", word.dimmed(), one_line(what));
                }
            }
        }
    }
    for problem in &report.unreadable {
        let _ = writeln!(out, "{} {problem}", "unreadable".red());
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&closing(report, packages.len()));
    text
}

fn closing(report: &VerifyReport, packages: usize) -> String {
    let statement = &report.statement;
    let signers: Vec<String> = statement.signers().iter().map(|id| format!("sha256:{id}")).collect();
    let count = |change| report.findings.iter().filter(|finding| finding.change == change).count();
    let outcome = if report.findings.is_empty() && report.unreadable.is_empty() {
        let all =
            format!("{} files of {} packages are exactly what was sealed", report.files, report.packages);
        all.green().to_string()
    } else {
        let (added, changed, missing) =
            (count(Change::Added), count(Change::Changed), count(Change::Missing));
        let unreadable = match report.unreadable.len() {
            0 => String::new(),
            unreadable => format!(", {unreadable} unreadable"),
        };
        format!("{changed} changed, {added} added, {missing} missing in {packages} packages{unreadable}")
            .red()
            .to_string()
    };
    let expires = statement.expires.map(|expires| format!(", expires {expires}")).unwrap_or_default();
    format!("{outcome}\nsigned by {}, epoch {}{expires}\n", signers.join(", "), statement.epoch)
}

fn json(report: &VerifyReport) -> Value {
    let statement = &report.statement;
    let findings = report.findings.iter().map(|finding| {
        json!({
            "package": finding.package.as_str(),
            "label": finding.label,
            "path": finding.path,
            "change": finding.change.as_str(),
            "expected": finding.expected,
            "found": finding.found,
        })
    });
    let unreadable = report.unreadable.iter();
    json!({
        "root": report.root.to_string_lossy(),
        "statement": {
            "epoch": statement.epoch,
            "expires": statement.expires.map(|expires| expires.to_string()),
            "lockdown": statement.lockdown,
            "tool": statement.tool,
            "signers": statement.signers().iter().map(|id| format!("sha256:{id}")).collect::<Vec<_>>(),
        },
        "packages": report.packages,
        "files": report.files,
        "findings": findings.collect::<Vec<_>>(),
        "unreadable": unreadable
            .map(|problem| json!({ "path": problem.path().to_string_lossy(), "message": problem.to_string() }))
            .collect::<Vec<_>>(),
    })
}
