//! `loadlock init`: the whole way for somebody new. A key outside of the application, the first seal, and what to type
//! next. Safe to run again: an existing key is used, not replaced.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use owo_colors::OwoColorize as _;
use serde_json::{Value, json};

use super::{
    Answer, Failure, Host,
    keygen::KeyPair,
    output::{Output, printable},
    seal::{Clock, read_key, seal_tree, summary},
};
use crate::{
    attestation::Algorithm,
    manifest::{SealOptions, SealReport},
};

/// Make a key, seal the application for the first time, and say what to type next
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The application, with its node_modules (for a workspace: the workspace root)
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The private key; made if it does not exist [default: ~/.config/loadlock/<application>.key.pem]
    #[arg(long, value_name = "KEY.pem")]
    key: Option<PathBuf>,
    /// Leave out what matches, relative to DIR; it will not load (repeatable)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
}

pub(super) fn init(args: &Args, host: &Host, output: &Output) -> Result<Answer, Failure> {
    let description = read_description(&args.dir)?;
    let path = match &args.key {
        Some(path) => std::path::absolute(path).map_err(|error| Failure::usage(error.to_string()))?,
        None => default_key(&application_name(&args.dir, &description))?,
    };
    let made = if path.exists() {
        "using the key that is there"
    } else {
        KeyPair::create(&path, Algorithm::Ed25519)?;
        "new; keep it secret, out of every application, and in a backup"
    };
    let options = SealOptions {
        key: read_key(&path)?,
        key_path: Some(path.clone()),
        epoch: Clock::from_env()?.epoch(),
        expires: None,
        exclude: args.exclude.clone(),
        lockdown: true,
    };
    let begun = Instant::now();
    let report = seal_tree(&args.dir, &options, output)?;
    let seconds = begun.elapsed().as_secs_f64();

    let text = format!(
        "Key      {} ({made})\n{}\n{}",
        printable(&path.to_string_lossy()),
        summary(&report, seconds),
        next(&args.dir, &path, &report, &description, host)
    );
    Ok(Answer::fine(text, json!({})))
}

fn read_description(dir: &Path) -> Result<Value, Failure> {
    let path = dir.join("package.json");
    let named = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let text = fs::read(&path).map_err(|error| {
        named(&error).with_help(
            "run it in the directory of an application, the one that holds package.json and node_modules",
        )
    })?;
    serde_json::from_slice(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text)).map_err(|error| named(&error))
}

/// A file name from the package's name, else from the directory's.
fn application_name(dir: &Path, description: &Value) -> String {
    let directory =
        dir.canonicalize().ok().and_then(|dir| Some(dir.file_name()?.to_string_lossy().into_owned()));
    let name =
        description.get("name").and_then(Value::as_str).map(str::to_owned).or(directory).unwrap_or_default();
    let safe: String = name
        .trim_start_matches('@')
        .chars()
        .map(
            |character| {
                if character.is_alphanumeric() || "-_.".contains(character) { character } else { '-' }
            },
        )
        .take(100)
        .collect();
    let safe = safe.trim_start_matches('.');
    if safe.is_empty() { "application".to_owned() } else { safe.to_owned() }
}

fn default_key(name: &str) -> Result<PathBuf, Failure> {
    let set = |variable: &str| env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = set("XDG_CONFIG_HOME").or_else(|| env::home_dir().map(|home| home.join(".config")));
    let config = config.ok_or_else(|| {
        Failure::usage("no home directory to keep the key in").with_help("say where: --key KEY.pem")
    })?;
    Ok(config.join("loadlock").join(format!("{name}.key.pem")))
}

/// The commands to type next, ready to be copied.
fn next(dir: &Path, key: &Path, report: &SealReport, description: &Value, host: &Host) -> String {
    let installed = report.root.join("node_modules/loadlock").exists();
    let register =
        if installed { "loadlock/register".to_owned() } else { quoted(&host.register_js.to_string_lossy()) };
    let loadlock = if installed {
        "npx loadlock".to_owned()
    } else {
        format!("node {}", quoted(&host.register_js.with_file_name("cli.js").to_string_lossy()))
    };
    let main = main_script(description);
    let trust = format!("sha256:{}", report.key_id);
    let place =
        if dir == Path::new(".") { String::new() } else { format!(" {}", quoted(&dir.to_string_lossy())) };
    let key = quoted(&key.to_string_lossy());
    let title = |text: &str| text.bold().to_string();
    format!(
        "{}\n  export LOADLOCK_TRUST={trust}\n  node --require {register} {main}\n\n\
         {}\n  {loadlock} seal{place} --key {key}\n\n\
         {}\n  {loadlock} verify{place} --trust {trust}\n\n\
         LOADLOCK_TRUST says which key you trust. Set it where the application's user cannot change it.\n",
        title("Start it"),
        title("Seal again after every build"),
        title("Check it, for example in CI"),
    )
}

/// What `npm start` runs, else `main`.
fn main_script(description: &Value) -> String {
    let start = description
        .pointer("/scripts/start")
        .and_then(Value::as_str)
        .and_then(|start| start.strip_prefix("node "));
    let main = description.get("main").and_then(Value::as_str);
    match start {
        Some(start) if !start.contains(['&', '|', ';', '$', '`', '\n']) => printable(start.trim()),
        _ => quoted(main.unwrap_or("app.js")),
    }
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "@%+=:,./-_~".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_after_the_application() {
        let name = |json: Value| application_name(Path::new("/"), &json);
        assert_eq!(name(json!({ "name": "@acme/shop" })), "acme-shop");
        assert_eq!(name(json!({ "name": "../../etc/passwd" })), "-..-etc-passwd");
        assert_eq!(name(json!({ "name": "" })), "application");
        assert_eq!(name(json!([])), "application");
    }

    #[test]
    fn the_script_is_what_npm_start_runs() {
        let script = |json: Value| main_script(&json);
        assert_eq!(
            script(json!({ "scripts": { "start": "node --enable-source-maps server.js" } })),
            "--enable-source-maps server.js"
        );
        assert_eq!(
            script(json!({ "main": "lib/a.js", "scripts": { "start": "node a.js && rm -rf x" } })),
            "lib/a.js"
        );
        assert_eq!(script(json!({ "scripts": { "start": "next start" } })), "app.js");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn the_whole_way_works_and_works_again() {
        let scratch = tempfile::tempdir().unwrap();
        let app = scratch.path().join("app");
        fs::create_dir(&app).unwrap();
        fs::write(app.join("package.json"), r#"{"name":"shop"}"#).unwrap();
        fs::write(app.join("app.js"), "1").unwrap();
        let args =
            Args { dir: app.clone(), key: Some(scratch.path().join("k/shop.key.pem")), exclude: vec![] };
        let host = Host { register_js: "/opt/loadlock/js/register.js".into(), node: "/usr/bin/node".into() };
        let output = Output::new("init", super::super::Format::Human);
        let first = init(&args, &host, &output).unwrap();
        assert!(
            first.text.contains("(new;")
                && first.text.contains("node --require /opt/loadlock/js/register.js app.js")
        );
        assert!(init(&args, &host, &output).unwrap().text.contains("using the key"));
        for file in
            ["loadlock.manifest.json", "loadlock.manifest.dsse.json", ".loadlock/index", "loadlock.pub.pem"]
        {
            assert!(app.join(file).exists(), "{file}");
        }
        fs::remove_file(app.join("package.json")).unwrap();
        assert!(init(&args, &host, &output).unwrap_err().help[0].contains("package.json"));
    }
}
