//! The command line. One file per subcommand; this one parses, dispatches and prints the outcome.
//!
//! A subcommand returns an [`Answer`] or a [`Failure`] and prints nothing but warnings; [`output`] is the only place that
//! writes, [`exit_status`] the only one that knows numbers, [`mod@run`] the only one that starts a process.
//!
//! `--format json` gives one JSON object on standard output with a stable shape: `formatVersion` (1), `command`, `ok`,
//! `warnings`, and the members that each subcommand's file describes. A failure has `error: { code, message, help }`
//! instead of those; `code` is one of [`crate::error::Code`] or `ERR_LOADLOCK_USAGE`. Members may be added.

mod exit_status;
mod failure;
mod init;
mod keygen;
mod output;
mod policy;
mod run;
mod seal;
mod verify;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::{Map, Value};

use self::{exit_status::ExitStatus, failure::Failure, output::Output};

/// What the command line must know about the package it was started from.
#[derive(Debug, Clone)]
pub struct Host {
    /// Absolute path of `js/register.js`.
    pub register_js: PathBuf,
    /// Absolute path of the Node binary, `process.execPath`.
    pub node: PathBuf,
}

/// Runs `loadlock` with `args` (without the program's name) and returns the exit status.
///
/// `loadlock run` does not return where the operating system can replace the process.
#[must_use]
pub fn run(args: &[String], host: &Host) -> i32 {
    let program = std::iter::once("loadlock".to_owned());
    let cli = match Cli::try_parse_from(program.chain(args.iter().cloned())) {
        Ok(cli) => cli,
        Err(error) => return output::clap(&error).number(),
    };
    let (name, format) = cli.command.outline();
    let output = Output::new(name, format);
    let outcome = match cli.command {
        Command::Init(args) => init::init(&args, host, &output),
        Command::Keygen(args) => keygen::keygen(&args),
        Command::Policy(args) => policy::policy(&args, &output),
        Command::Run(args) => run::run(&args, host, &output),
        Command::Seal(args) => seal::seal(&args, &output),
        Command::Verify(args) => verify::verify(&args, &output),
    };
    output.finish(outcome).number()
}

/// Pins what Node.js loads: seals an application at build time and checks every file before it runs.
#[derive(Debug, Parser)]
#[command(name = "loadlock", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Keygen(keygen::Args),
    Policy(policy::Args),
    Run(run::Args),
    Seal(seal::Args),
    Verify(verify::Args),
}

impl Command {
    fn outline(&self) -> (&'static str, Format) {
        match self {
            Self::Init(_) => ("init", Format::Human),
            Self::Keygen(args) => ("keygen", args.format),
            Self::Policy(args) => args.outline(),
            Self::Run(_) => ("run", Format::Human),
            Self::Seal(args) => ("seal", args.format),
            Self::Verify(args) => ("verify", args.format),
        }
    }
}

/// For whom the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// Text for people.
    #[default]
    Human,
    /// One JSON object for machines.
    Json,
}

/// What a subcommand has to say, in both formats.
#[derive(Debug)]
struct Answer {
    status: ExitStatus,
    text: String,
    json: Map<String, Value>,
}

impl Answer {
    fn fine(text: String, json: Value) -> Self {
        Self { status: ExitStatus::Fine, text, json: object(json) }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn host() -> Host {
        Host { register_js: "/opt/loadlock/js/register.js".into(), node: "/usr/bin/node".into() }
    }

    #[test]
    fn the_definition_of_arguments_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_is_fine_and_wrong_usage_is_not() {
        let status =
            |args: &[&str]| run(&args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>(), &host());
        assert_eq!(status(&["--help"]), 0);
        assert_eq!(status(&["--version"]), 0);
        assert_eq!(status(&[]), 2);
        assert_eq!(status(&["seal", "--nonsense"]), 2);
        assert_eq!(status(&["seal", "/nonexistent", "--key", "/nonexistent"]), 2);
        assert_eq!(status(&["verify", "/nonexistent", "--format", "json"]), 2);
    }
}
