//! `loadlock policy`: what each package may do.
//!
//! JSON. `policy infer`: `root`, `path` (null with `--stdout`), `policy` (its text), `packages` (entries in it), `changed`.
//! `policy check`: `root`, `diagnostics` (each with `rule`, `severity`, `message`, `file`, `line`, `column`, `endLine`,
//! `endColumn`, `help`). `policy explain`: `packages`, each with `location`, `version`, `powerful`, `path` (locations from
//! the application), `steps` (`file`, `line`, `specifier`), `capabilities` (`capability`, `granted` (`denied`, `whole`,
//! `scoped`; null without a policy), `values`, `needed` (`file`, `line`, `what`)) and `notes`.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use owo_colors::OwoColorize as _;
use serde_json::{Value, json};

use super::{
    Answer, ExitStatus, Failure, Format, object,
    output::{Output, one_line},
};
use crate::{
    attestation::disk::{Access, Links, Staged, read_bounded},
    manifest,
    policy::{
        self, Diagnostics, GrantKind, POLICY_PATH, check, compile, compile::assign, explain::Explanation,
        infer::Needs, learned::Learned, project::Project, proposal, tree::label,
    },
};

/// Write, check and explain the policy: what each package may do
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Infer(Infer),
    Check(Check),
    Explain(Explain),
}

/// Propose the least policy that the text of the tree supports, with a reason for each grant
#[derive(Debug, clap::Args)]
struct Infer {
    /// The application
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Where to write it; default: loadlock.policy.jsonc in DIR
    #[arg(long, value_name = "FILE", conflicts_with = "stdout")]
    out: Option<PathBuf>,
    /// Print it
    #[arg(long)]
    stdout: bool,
    /// Narrow it to what `loadlock run --learn` saw (repeatable)
    #[arg(long, value_name = "FILE")]
    learned: Vec<PathBuf>,
    /// Add what is missing to the policy that is there, and leave the rest of its text as it is
    #[arg(long)]
    update: bool,
    /// Leave out what matches, as `seal --exclude` does (repeatable)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Fail when the tree wants more than the policy grants; warn of grants that nothing uses
#[derive(Debug, clap::Args)]
struct Check {
    /// The application
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Leave out what matches, as `seal --exclude` does (repeatable)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Say what a package may do, which file and line needs it, and how the application comes to it
#[derive(Debug, clap::Args)]
struct Explain {
    /// A name, a location, or `.` for the application
    package: String,
    /// The application
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Leave out what matches, as `seal --exclude` does (repeatable)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(super) const fn outline(&self) -> (&'static str, Format) {
        match &self.command {
            Command::Infer(args) => ("policy infer", args.format),
            Command::Check(args) => ("policy check", args.format),
            Command::Explain(args) => ("policy explain", args.format),
        }
    }
}

pub(super) fn policy(args: &Args, output: &Output) -> Result<Answer, Failure> {
    match &args.command {
        Command::Infer(args) => infer(args, output),
        Command::Check(args) => check_tree(args, output),
        Command::Explain(args) => explain(args, output),
    }
}

fn infer(args: &Infer, output: &Output) -> Result<Answer, Failure> {
    let path = args.out.clone().unwrap_or_else(|| args.dir.join(POLICY_PATH));
    if !args.update && !args.stdout && fs::symlink_metadata(&path).is_ok() {
        return Err(Failure::usage(format!("{}: exists already", path.display())).with_help(
            "--update adds what is missing; --stdout prints a new one; --out writes it elsewhere",
        ));
    }
    let learned = learned(&args.learned)?;
    let (project, root) = survey(&args.dir, &args.exclude, output)?;
    let mut needs = Needs::of(&project);
    if let Some(learned) = learned {
        let temporary = env::temp_dir();
        let temporary = temporary.canonicalize().unwrap_or(temporary);
        learned.narrow(&mut needs, &project.packages, &root, &temporary);
    }
    needs.with_imports();
    let old = if args.update { policy::read(&root).map_err(|it| mistakes(&it))? } else { None };
    let text = match &old {
        Some(old) => update(old, &needs, &project)?,
        None => proposal::render(&proposal::propose(&needs)),
    };
    let entries = policy::parse(&text).map_err(|it| mistakes(&it))?.0.entries.len();
    let changed = old.as_ref() != Some(&text);
    if !args.stdout && changed {
        write(&path, &text)?;
    }
    let json = json!({
        "root": root.to_string_lossy(),
        "path": (!args.stdout).then(|| path.to_string_lossy()),
        "policy": text,
        "packages": entries,
        "changed": changed,
    });
    let all = project.packages.len();
    let summary = match (args.stdout, changed) {
        (true, _) => text,
        (false, true) => {
            let path = one_line(&path.to_string_lossy());
            format!(
                "Wrote {path} (packages: {all}, entries: {entries}; what has no entry needs nothing)\nRead it before you seal: it says what the text wants, not what is wise\n"
            )
        }
        (false, false) => "Nothing is missing; the policy stays as it is\n".to_owned(),
    };
    Ok(Answer::fine(summary, json))
}

/// Adds until nothing is missing: a power that comes in makes further edges need a word.
fn update(old: &str, needs: &Needs, project: &Project<'_>) -> Result<String, Failure> {
    let mut text = old.to_owned();
    for _ in 0..ROUNDS {
        let (document, mut diagnostics) = policy::parse(&text).map_err(|it| mistakes(&it))?;
        let compiled = compile(&document, &text, &project.packages, &mut diagnostics);
        let missing = check::missing(needs, &compiled);
        if missing.is_empty() {
            break;
        }
        let assignment = assign(&document, &project.packages, &mut diagnostics);
        text = check::update(&text, &missing, &document, &assignment);
    }
    Ok(text)
}

/// Powers spread one edge in a round at worst.
const ROUNDS: usize = 100;

fn check_tree(args: &Check, output: &Output) -> Result<Answer, Failure> {
    let (project, root) = survey(&args.dir, &args.exclude, output)?;
    let text = required(&root)?;
    let diagnostics = match policy::parse(&text) {
        Err(diagnostics) => *diagnostics,
        Ok((document, mut diagnostics)) => {
            let compiled = compile(&document, &text, &project.packages, &mut diagnostics);
            let mut ignored = Diagnostics::default();
            let assignment = assign(&document, &project.packages, &mut ignored);
            let mut needs = Needs::of(&project);
            needs.with_imports();
            let missing = check::missing(&needs, &compiled);
            check::report_missing(&missing, &document, &assignment, &mut diagnostics);
            check::report_unused(&needs, &project.files, &document, &assignment, &mut diagnostics);
            diagnostics.sort();
            diagnostics
        }
    };
    let errors = diagnostics.list().iter().filter(|one| one.rule.is_error()).count();
    let warnings = diagnostics.list().len() - errors;
    let mut text = diagnostics.to_text();
    let closing = match (errors, warnings) {
        (0, 0) => "The policy grants what the tree wants, and nothing that it does not\n".green().to_string(),
        (0, warnings) => format!("The policy grants what the tree wants; {}\n", count(warnings, "warning"))
            .green()
            .to_string(),
        (errors, warnings) => {
            format!("{}, {}\n", count(errors, "error"), count(warnings, "warning")).red().to_string()
        }
    };
    text.push_str(&closing);
    let status = if errors == 0 { ExitStatus::Fine } else { ExitStatus::Findings };
    let json = json!({ "root": root.to_string_lossy(), "diagnostics": diagnostics.to_json() });
    Ok(Answer { status, text, json: object(json) })
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn explain(args: &Explain, output: &Output) -> Result<Answer, Failure> {
    let (project, root) = survey(&args.dir, &args.exclude, output)?;
    let mut needs = Needs::of(&project);
    needs.with_imports();
    let compiled = match policy::load_and_compile(&root, &project.packages) {
        Ok(compiled) => compiled.map(|(compiled, _)| compiled),
        Err(diagnostics) => return Err(mistakes(&diagnostics)),
    };
    let found = policy::explain::explain(&args.package, &project.packages, &needs, compiled.as_ref());
    if found.is_empty() {
        let failure = Failure::usage(format!("the tree has no package {:?}", args.package));
        let names = project.packages.keys().map(label);
        return Err(match policy::nearest(&args.package, names) {
            Some(name) => failure.with_help(format!("did you mean {name}?")),
            None => failure.with_help("a name as in node_modules, a location, or `.` for the application"),
        });
    }
    let text = found.iter().map(explanation).collect::<Vec<_>>().join("\n");
    let json = json!({ "root": root.to_string_lossy(), "packages": found.iter().map(explanation_json).collect::<Value>() });
    Ok(Answer::fine(text, json))
}

fn explanation(one: &Explanation) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let out = &mut text;
    let version = one.version.as_deref().unwrap_or("no version");
    let place = if one.location.as_str().is_empty() { "the application" } else { one.location.as_str() };
    let _ = writeln!(
        out,
        "{} {}  {}",
        one_line(label(&one.location)).bold(),
        one_line(version),
        one_line(place).dimmed()
    );
    match &one.path {
        None => {
            let _ =
                writeln!(out, "  nothing that the application loads leads to it, as far as the text tells");
        }
        Some(path) if path.len() > 1 => {
            let names: Vec<String> = path.iter().map(|location| one_line(label(location))).collect();
            let _ = writeln!(out, "  path      {}", names.join(" → "));
            for (file, line, specifier) in &one.steps {
                let _ = writeln!(
                    out,
                    "            {}",
                    one_line(&format!("{file}:{line} loads {specifier}")).dimmed()
                );
            }
        }
        Some(_) => {}
    }
    if one.powerful {
        let _ = writeln!(out, "  powerful  who loads it needs it in `imports`");
    }
    if one.capabilities.is_empty() {
        let _ = writeln!(out, "  needs nothing, and is granted nothing");
    }
    for explained in &one.capabilities {
        let granted = match explained.granted {
            None => "needed".yellow().to_string(),
            Some(GrantKind::Denied) => "denied".red().to_string(),
            Some(GrantKind::Whole) => "granted".green().to_string(),
            Some(GrantKind::Scoped) => {
                format!("{} {}", "granted".green(), one_line(&explained.values.join(", ")))
            }
        };
        let _ = writeln!(out, "  {:<12} {granted}", explained.capability.as_str().bold());
        for need in explained.needed.iter().take(SHOWN) {
            let _ = writeln!(out, "    {}", one_line(&proposal::place(need)));
        }
        if explained.needed.len() > SHOWN {
            let _ = writeln!(out, "    and {} more places", explained.needed.len() - SHOWN);
        }
        if explained.needed.is_empty() {
            let _ = writeln!(out, "    nothing in its text uses it");
        }
    }
    for note in &one.notes {
        let _ = writeln!(out, "  note: {}", one_line(note));
    }
    text
}

fn explanation_json(one: &Explanation) -> Value {
    let steps = one.steps.iter();
    let capabilities = one.capabilities.iter().map(|explained| {
        let granted = explained.granted.map(|kind| match kind {
            GrantKind::Denied => "denied",
            GrantKind::Scoped => "scoped",
            GrantKind::Whole => "whole",
        });
        let needed = explained.needed.iter();
        let needed =
            needed.map(|need| json!({ "file": need.file.as_str(), "line": need.line, "what": need.what }));
        json!({
            "capability": explained.capability,
            "granted": granted,
            "values": explained.values,
            "needed": needed.collect::<Value>(),
        })
    });
    json!({
        "location": one.location.as_str(),
        "version": one.version,
        "powerful": one.powerful,
        "path": one.path.as_ref().map(|path| path.iter().map(|it| it.as_str()).collect::<Vec<_>>()),
        "steps": steps
            .map(|(file, line, specifier)| json!({ "file": file.as_str(), "line": line, "specifier": specifier }))
            .collect::<Value>(),
        "capabilities": capabilities.collect::<Value>(),
        "notes": one.notes,
    })
}

fn survey(dir: &Path, exclude: &[String], output: &Output) -> Result<(Project<'static>, PathBuf), Failure> {
    let survey = manifest::survey(dir, exclude, &output.progress())?;
    for warning in survey.warnings.iter().take(SHOWN) {
        output.warn(warning);
    }
    Ok(survey.into_project())
}

fn required(root: &Path) -> Result<String, Failure> {
    policy::read(root).map_err(|it| mistakes(&it))?.ok_or_else(|| {
        Failure::usage(format!("{}: has no {POLICY_PATH}", root.display()))
            .with_help("write one with: loadlock policy infer")
    })
}

/// A policy that cannot be used, as a failure.
fn mistakes(diagnostics: &Diagnostics) -> Failure {
    Failure::usage(format!("the policy has mistakes\n{}", diagnostics.to_string().trim_end()))
        .with_help("loadlock policy check shows them in their lines")
}

fn learned(paths: &[PathBuf]) -> Result<Option<Learned>, Failure> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut learned = Learned::default();
    for path in paths {
        let named = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
        let bytes = read_bounded(path, MAX_LEARNED, Links::Follow).map_err(|error| named(&error))?;
        let text = String::from_utf8(bytes).map_err(|_| named(&"is not UTF-8"))?;
        learned.read(&text).map_err(|error| named(&error))?;
    }
    Ok(Some(learned))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let fail =
        |error: std::io::Error| Failure::usage(format!("{}: cannot be written: {error}", path.display()));
    let directory =
        path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Staged::new(directory, path, text.as_bytes(), Access::Everybody).map_err(fail)?.commit().map_err(fail)
}

/// A long run of a large application has some hundred thousand lines.
const MAX_LEARNED: u64 = 256 << 20;

/// More than this help nobody.
const SHOWN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Host, run};

    fn status(args: &[&str]) -> i32 {
        let host = Host { register_js: "/opt/loadlock/js/register.js".into(), node: "/usr/bin/node".into() };
        let args: Vec<String> =
            std::iter::once("policy").chain(args.iter().copied()).map(str::to_owned).collect();
        run(&args, &host)
    }

    #[test]
    fn a_policy_is_written_once_then_only_updated() {
        let dir = tempfile::tempdir().unwrap();
        let file = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        file("package.json", r#"{"name": "app", "dependencies": {"a": "1"}}"#);
        file("app.js", "require('a')");
        file("node_modules/a/package.json", r#"{"name": "a", "version": "1.0.0"}"#);
        file("node_modules/a/index.js", "require('fs').readFileSync('x')");
        let root = dir.path().to_str().unwrap();
        assert_eq!(status(&["check", root]), 2);
        assert_eq!(status(&["infer", root, "--stdout"]), 0);
        assert!(!dir.path().join(POLICY_PATH).exists());
        assert_eq!(status(&["infer", root]), 0);
        assert_eq!(status(&["infer", root]), 2);
        assert_eq!(status(&["check", root]), 0);
        assert_eq!(status(&["check", root, "--format", "json"]), 0);
        assert_eq!(status(&["explain", "a", root]), 0);
        assert_eq!(status(&["explain", "b", root]), 2);
        let written = fs::read_to_string(dir.path().join(POLICY_PATH)).unwrap();
        assert_eq!(status(&["infer", root, "--update"]), 0);
        assert_eq!(fs::read_to_string(dir.path().join(POLICY_PATH)).unwrap(), written);
        file(POLICY_PATH, r#"{"version": 1, "packages": {"a": {"fs.reed": true}}}"#);
        assert_eq!(status(&["check", root]), 1);
        assert_eq!(status(&["infer", root, "--update"]), 2);
        assert_eq!(status(&["explain", "a", root]), 2);
        file("learned", "{}\n");
        assert_eq!(status(&["infer", root, "--stdout", "--learned", &format!("{root}/learned")]), 2);
    }
}
