//! `loadlock run -- node app.js`: starts a protected process without the user having to know the flags.
//!
//! The signature is checked here already, so that a bad seal ends with status 3 before Node starts; Node checks it again.
//! On Unix the new program *replaces* this process: no parent stays behind, signals and the exit status are its own.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Answer, Failure, Host,
    output::Output,
    verify::{conditions, trust_spec},
};
use crate::{
    attestation::{ENVELOPE_PATH, Trust},
    error::Code,
    manifest::verify::read_statement,
};

/// Start a program with every load checked, as in: loadlock run -- node app.js
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Trusted keys: files or sha256:<key id>, comma-separated; default: LOADLOCK_TRUST, /etc/loadlock
    #[arg(long, value_name = "KEYS")]
    trust: Option<String>,
    /// Report what would be refused, and let it run
    #[arg(long)]
    audit: bool,
    /// The sealed root; default: the nearest one around the script, then around the working directory
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Append events to this file, one JSON object per line
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Append every different use of a capability to this file, and refuse none for want of a grant; then narrow the
    /// policy with: loadlock policy infer --learned FILE
    #[arg(long, value_name = "FILE", conflicts_with = "audit")]
    learn: Option<PathBuf>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn run(args: &Args, host: &Host, output: &Output) -> Result<Answer, Failure> {
    let plan = Plan::new(args, host, |name| env::var_os(name))?;
    for warning in &plan.warnings {
        output.warn(warning);
    }
    Err(plan.start())
}

/// What will be started, and how.
#[derive(Debug)]
struct Plan {
    program: String,
    arguments: Vec<String>,
    set: Vec<(&'static str, OsString)>,
    unset: Vec<&'static str>,
    warnings: Vec<String>,
}

impl Plan {
    fn new(args: &Args, host: &Host, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let Some((program, arguments)) = args.command.split_first() else {
            return Err(Failure::usage("no command"));
        };
        let mut plan = Self {
            program: program.clone(),
            arguments: arguments.to_vec(),
            set: Vec::new(),
            unset: Vec::new(),
            warnings: Vec::new(),
        };
        refuse_package_manager(program)?;
        if let Some(option) = arguments
            .iter()
            .take_while(|argument| argument.starts_with('-'))
            .find(|argument| argument.replace('_', "-").starts_with("--env-file"))
        {
            let what = format!("{option} can set NODE_OPTIONS, whose preloads would run before every check");
            return Err(Failure::refusal(Code::Unsupported, what)
                .with_help("set the variables in the service manager, or call process.loadEnvFile()"));
        }
        let options = node_options(variable("NODE_OPTIONS"), &host.register_js)?;
        plan.preload(host, options)?;
        plan.clean(&variable);

        let root = match args.root.clone().or_else(|| variable("LOADLOCK_ROOT").map(PathBuf::from)) {
            Some(root) => {
                root.canonicalize().map_err(|error| Failure::usage(format!("{}: {error}", root.display())))?
            }
            None => find_root(arguments)?,
        };
        let spec = trust_spec(args.trust.as_deref())?;
        // Node finds the same keys and prints their warnings.
        let (trust, _) = Trust::resolve(spec.as_deref(), &root)?;
        read_statement(&root, &trust, &conditions()?)?;

        plan.set.push(("LOADLOCK_ROOT", root.into()));
        if let Some(spec) = spec {
            plan.set.push(("LOADLOCK_TRUST", Trust::absolute_spec(&spec)?.into()));
        }
        if args.audit {
            plan.set.push(("LOADLOCK_ENFORCEMENT", "audit".into()));
        }
        for (name, file) in [("LOADLOCK_LOG", &args.log), ("LOADLOCK_LEARN", &args.learn)] {
            let Some(file) = file else { continue };
            let file = std::path::absolute(file)
                .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
            plan.set.push((name, file.into()));
        }
        if args.learn.is_some() {
            plan.warnings.push("learning: no capability is refused in this run".into());
        }
        Ok(plan)
    }

    /// Makes Node load loadlock first: by a flag where the program is Node, else by the environment.
    fn preload(&mut self, host: &Host, options: Option<String>) -> Result<(), Failure> {
        let register = utf8(&host.register_js)?;
        if is_node(&self.program, host) {
            self.arguments.splice(0..0, ["--require".to_owned(), register.to_owned()]);
        } else {
            let quoted = format!("--require \"{}\"", register.replace('\\', r"\\").replace('"', "\\\""));
            let all = match options {
                Some(options) => format!("{quoted} {options}"),
                None => quoted,
            };
            self.set.push(("NODE_OPTIONS", all.into()));
        }
        Ok(())
    }

    fn clean(&mut self, variable: &impl Fn(&str) -> Option<OsString>) {
        // V8 would run what lies there without looking at the source it belongs to.
        if variable("NODE_COMPILE_CACHE").is_some() {
            self.unset.push("NODE_COMPILE_CACHE");
            self.warnings.push(
                "NODE_COMPILE_CACHE is not passed on: a compile cache is code that nobody checks".into(),
            );
        }
        if let Some(preload) = variable("LD_PRELOAD").filter(|value| !value.is_empty()) {
            self.warnings.push(format!(
                "LD_PRELOAD={} is loaded into the process before anything can be checked",
                preload.to_string_lossy()
            ));
        }
    }

    /// Becomes the program. Comes back only when that fails, or with the program's status where a process cannot be
    /// replaced.
    fn start(self) -> Failure {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.set);
        for name in self.unset {
            command.env_remove(name);
        }
        let error = replace(command);
        Failure::usage(format!("{}: cannot be started: {error}", self.program))
    }
}

#[cfg(unix)]
fn replace(mut command: Command) -> std::io::Error {
    keep_standard_streams();
    std::os::unix::process::CommandExt::exec(&mut command)
}

#[cfg(not(unix))]
fn replace(mut command: Command) -> std::io::Error {
    match command.status() {
        // This process has nothing left to do but to end as the program did.
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

fn is_node(program: &str, host: &Host) -> bool {
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    matches!(name, Some("node" | "node.exe" | "nodejs")) || Path::new(program) == host.node
}

/// They are Node programs themselves, from outside of the sealed root, and would be the first to be refused.
fn refuse_package_manager(program: &str) -> Result<(), Failure> {
    let name = Path::new(program).file_stem().and_then(OsStr::to_str).unwrap_or_default();
    if ["npm", "npx", "pnpm", "pnpx", "yarn", "corepack", "bun"].contains(&name) {
        return Err(Failure::usage(format!(
            "{name} is not part of the sealed application, so it could not load itself"
        ))
        .with_help("start what it would start: loadlock run -- node app.js"));
    }
    Ok(())
}

/// Checks `NODE_OPTIONS`: what it preloads would run before loadlock and could undo it.
fn node_options(value: Option<OsString>, register: &Path) -> Result<Option<String>, Failure> {
    let Some(value) = value else { return Ok(None) };
    let text = value.into_string().map_err(|_| Failure::usage("NODE_OPTIONS is not UTF-8"))?;
    let mut words = split_options(&text).into_iter();
    while let Some(word) = words.next() {
        let (name, inline) = match word.split_once('=') {
            Some((name, inline)) => (name, Some(inline.to_owned())),
            None => (word.as_str(), None),
        };
        // Node takes underscores for hyphens.
        let name = name.replace('_', "-");
        let is_preload =
            matches!(name.as_str(), "--require" | "--import" | "--loader" | "--experimental-loader")
                || name.starts_with("-r") && !name.starts_with("--");
        if !is_preload {
            continue;
        }
        let preloaded = inline.or_else(|| words.next());
        if preloaded.as_deref().map(Path::new) != Some(register) {
            return Err(Failure::refusal(Code::Unsupported, format!("NODE_OPTIONS has {word}, which would run before every check"))
                .with_help("seal that module with the application and name it after `--`: loadlock run -- node --require MODULE app.js"));
        }
    }
    Ok((!text.trim().is_empty()).then_some(text))
}

/// Splits as Node does (`ParseNodeOptionsEnvVar`): at spaces, with double quotes and, inside them, back slashes.
fn split_options(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(mut character) = characters.next() {
        match character {
            '\\' if quoted => match characters.next() {
                Some(escaped) => character = escaped,
                None => break,
            },
            ' ' if !quoted => {
                words.extend(word.take());
                continue;
            }
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
                continue;
            }
            _ => {}
        }
        word.get_or_insert_default().push(character);
    }
    words.extend(word);
    words
}

/// The nearest sealed directory around the script, then around the working directory. The script is taken to be the
/// first argument that is an existing file; the found root is handed to Node, so both mean the same one.
fn find_root(arguments: &[String]) -> Result<PathBuf, Failure> {
    let script = arguments.iter().filter(|argument| !argument.starts_with('-')).find_map(|argument| {
        // As it was written, as at start: a link planted there must not lead to another seal.
        std::path::absolute(argument).ok().filter(|path| path.exists())
    });
    let start = script.or_else(|| env::current_dir().ok()).unwrap_or_default();
    let sealed = start.ancestors().find(|directory| directory.join(ENVELOPE_PATH).is_file());
    sealed.and_then(|root| root.canonicalize().ok()).ok_or_else(|| {
        Failure::refusal(
            Code::NoManifest,
            format!("no sealed application here: no directory around it holds {ENVELOPE_PATH}"),
        )
        .with_help(
            "seal it first: loadlock init, or loadlock seal --key KEY.pem; or say where it is with --root",
        )
    })
}

fn utf8(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| Failure::usage(format!("{}: the path is not UTF-8", path.display())))
}

/// Node marks its standard streams close-on-exec (`uv_disable_stdio_inheritance`), so the new program would have none.
#[cfg(unix)]
fn keep_standard_streams() {
    for fd in 0..=2 {
        // SAFETY: F_GETFD and F_SETFD only read and write the descriptor's flags; a closed one answers with an error.
        unsafe {
            let flags = libc::fcntl(fd, libc::F_GETFD);
            if flags >= 0 {
                libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        attestation::{Algorithm, PrivateKey},
        manifest::{SealOptions, seal},
    };

    fn host() -> Host {
        Host { register_js: "/opt/load lock/js/register.js".into(), node: "/opt/node-24".into() }
    }

    fn sealed() -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("lib")).unwrap();
        fs::write(dir.path().join("lib/app.js"), "1").unwrap();
        let key = PrivateKey::generate(Algorithm::Ed25519).unwrap();
        let trust = format!("sha256:{}", key.public().id());
        let options = SealOptions {
            key,
            key_path: None,
            epoch: Some(1),
            expires: None,
            exclude: vec![],
            lockdown: true,
        };
        seal(dir.path(), &options, &()).unwrap();
        (dir, trust)
    }

    fn args(trust: &str, command: &[&str]) -> Args {
        let command = command.iter().map(|&word| word.to_owned()).collect();
        Args { trust: Some(trust.to_owned()), audit: false, root: None, log: None, learn: None, command }
    }

    fn nothing(_: &str) -> Option<OsString> {
        None
    }

    #[test]
    fn node_gets_a_flag_and_everything_else_the_environment() {
        let (dir, trust) = sealed();
        let script = dir.path().join("lib/app.js");
        let script = script.to_str().unwrap();
        for node in ["node", "/usr/bin/node", "/opt/node-24"] {
            let plan = Plan::new(&args(&trust, &[node, "--flag", script]), &host(), nothing).unwrap();
            assert_eq!(plan.arguments, ["--require", "/opt/load lock/js/register.js", "--flag", script]);
            let root = dir.path().canonicalize().unwrap();
            assert_eq!(plan.set, [("LOADLOCK_ROOT", root.into()), ("LOADLOCK_TRUST", trust.clone().into())]);
        }
        let options = |name: &str| (name == "NODE_OPTIONS").then(|| "--max-old-space-size=99".into());
        let plan = Plan::new(&args(&trust, &["./start.sh", script]), &host(), options).unwrap();
        assert_eq!(plan.arguments, [script]);
        let expected = r#"--require "/opt/load lock/js/register.js" --max-old-space-size=99"#;
        assert_eq!(plan.set[0], ("NODE_OPTIONS", expected.into()));
    }

    #[test]
    fn a_bad_seal_is_refused_before_anything_starts() {
        let (dir, trust) = sealed();
        let script = dir.path().join("lib/app.js");
        let command = ["node", script.to_str().unwrap()];
        let other = format!("sha256:{}", "0".repeat(64));
        assert_eq!(Plan::new(&args(&other, &command), &host(), nothing).unwrap_err().status.number(), 3);
        let manifest = dir.path().join(ENVELOPE_PATH);
        fs::write(&manifest, "{").unwrap();
        assert_eq!(
            Plan::new(&args(&trust, &command), &host(), nothing).unwrap_err().code,
            Some(Code::Format)
        );
        fs::remove_file(&manifest).unwrap();
        assert_eq!(
            Plan::new(&args(&trust, &command), &host(), nothing).unwrap_err().code,
            Some(Code::NoManifest)
        );
    }

    #[test]
    fn options_that_preload_are_refused() {
        let register = host().register_js;
        let check = |text: &str| node_options(Some(text.into()), &register);
        for text in [
            "--require x",
            "-r x",
            "-r=x",
            "--require=x",
            "--import=x",
            "--loader x",
            "--experimental_loader x",
            "--max-old-space-size=9 --experimental-loader=x",
            "\"--require\" x",
            "\"--req\"uire=x",
            "--require",
        ] {
            assert_eq!(check(text).unwrap_err().status.number(), 2, "{text}");
        }
        assert_eq!(check(" ").unwrap(), None);
        for text in ["--max-old-space-size=9", "--require \"/opt/load lock/js/register.js\" --trace-warnings"]
        {
            assert_eq!(check(text).unwrap().as_deref(), Some(text));
        }
        assert_eq!(split_options(r#"a "b \"c\" \\" d"e f""#), ["a", r#"b "c" \"#, "de f"]);
    }

    #[test]
    fn what_cannot_be_checked_is_dropped_or_named() {
        let (dir, trust) = sealed();
        let script = dir.path().join("lib/app.js");
        let variables = |name: &str| match name {
            "NODE_COMPILE_CACHE" | "LD_PRELOAD" => Some("/tmp/x".into()),
            _ => None,
        };
        let plan = Plan::new(&args(&trust, &["node", script.to_str().unwrap()]), &host(), variables).unwrap();
        assert_eq!(plan.unset, ["NODE_COMPILE_CACHE"]);
        assert_eq!(plan.warnings.len(), 2);
        assert!(
            Plan::new(&args(&trust, &["npm", "start"]), &host(), nothing).unwrap_err().help[0]
                .contains("node")
        );
    }
}
