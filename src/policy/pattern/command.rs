//! Programs that may be started.
//!
//! A value is the program as it was given to `spawn`, or its real absolute path, followed by its arguments, each after
//! a NUL. A bare name matches the same bare name only: `/tmp/git` is not `git`.

use std::fmt;

use super::{CodecError, PathPattern, PatternError, Places, Reader, Writer};

/// `git`, `git status`, `node $PKG/worker.js`, `$PKG/bin/x`, `shell`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommandPattern {
    program: Program,
    /// What the arguments must begin with.
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Program {
    /// Any shell, whatever it is called.
    Shell,
    Name(String),
    Path(PathPattern),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Argument {
    Exact(String),
    Path(PathPattern),
}

impl CommandPattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let Some(program) = words.next() else {
            return Err(PatternError::new("is empty", "remove it"));
        };
        let arguments = words.map(Argument::parse).collect::<Result<Vec<Argument>, _>>()?;
        if program == SHELL {
            return match &arguments[..] {
                [] => Ok(Self { program: Program::Shell, arguments }),
                _ => Err(PatternError::new(
                    "limits the arguments of a shell, which limits nothing",
                    "write \"shell\", or better the program that the shell is to start",
                )),
            };
        }
        if is_shell(program) {
            return Err(PatternError::new("is a shell", "the only way to a shell is the word \"shell\""));
        }
        if program.starts_with(['/', '$']) || cfg!(windows) && program.contains([':', '\\']) {
            return Ok(Self { program: Program::Path(PathPattern::parse(program)?), arguments });
        }
        if program.contains('/') {
            return Err(PatternError::new(
                "is a relative path",
                format!("write \"$PKG/{}\", or the name alone", program.trim_start_matches("./")),
            ));
        }
        if program.contains('*') {
            return Err(PatternError::new("has `*` in a name", "write the names one by one, or true"));
        }
        Ok(Self { program: Program::Name(program.to_owned()), arguments })
    }

    pub(super) fn matches(&self, value: &str, places: &Places) -> bool {
        let mut words = value.split('\0');
        let Some(program) = words.next() else { return false };
        let is_program = match &self.program {
            Program::Shell => program == SHELL || is_shell(program),
            _ if program == SHELL || is_shell(program) => false,
            Program::Name(name) => name == program,
            Program::Path(pattern) => pattern.matches(program, places),
        };
        is_program
            && self
                .arguments
                .iter()
                .all(|expected| words.next().is_some_and(|word| expected.matches(word, places)))
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        let program = match (&self.program, &other.program) {
            (Program::Path(one), Program::Path(other)) => one.covers(other),
            (one, other) => one == other,
        };
        program
            && self.arguments.len() <= other.arguments.len()
            && self.arguments.iter().zip(&other.arguments).all(|(one, other)| match (one, other) {
                (Argument::Path(one), Argument::Path(other)) => one.covers(other),
                (one, other) => one == other,
            })
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        match &self.program {
            Program::Shell => out.u8(0),
            Program::Name(name) => {
                out.u8(1);
                out.text(name);
            }
            Program::Path(path) => {
                out.u8(2);
                path.encode(out);
            }
        }
        out.count(self.arguments.len());
        for argument in &self.arguments {
            match argument {
                Argument::Exact(text) => {
                    out.u8(1);
                    out.text(text);
                }
                Argument::Path(path) => {
                    out.u8(2);
                    path.encode(out);
                }
            }
        }
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> Result<Self, CodecError> {
        let program = match bytes.u8()? {
            0 => Program::Shell,
            1 => Program::Name(bytes.text()?.to_owned()),
            2 => Program::Path(PathPattern::decode(bytes)?),
            _ => return Err(CodecError("an unknown kind of program")),
        };
        let arguments = (0..bytes.u16()?).map(|_| match bytes.u8()? {
            1 => Ok(Argument::Exact(bytes.text()?.to_owned())),
            2 => PathPattern::decode(bytes).map(Argument::Path),
            _ => Err(CodecError("an unknown kind of argument")),
        });
        let arguments = arguments.collect::<Result<_, _>>()?;
        Ok(Self { program, arguments })
    }
}

impl Argument {
    fn parse(text: &str) -> Result<Self, PatternError> {
        if text.starts_with('$') {
            PathPattern::parse(text).map(Self::Path)
        } else {
            Ok(Self::Exact(text.to_owned()))
        }
    }

    fn matches(&self, argument: &str, places: &Places) -> bool {
        match self {
            Self::Exact(text) => text == argument,
            Self::Path(pattern) => pattern.matches(argument, places),
        }
    }
}

impl fmt::Display for CommandPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.program {
            Program::Shell => out.write_str(SHELL)?,
            Program::Name(name) => out.write_str(name)?,
            Program::Path(path) => path.fmt(out)?,
        }
        self.arguments.iter().try_for_each(|argument| match argument {
            Argument::Exact(text) => write!(out, " {text}"),
            Argument::Path(path) => write!(out, " {path}"),
        })
    }
}

/// Whether a program, given by name or path, is a shell by its name.
#[must_use]
pub fn is_shell(program: &str) -> bool {
    let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
    let name = program.rsplit(separators).next().unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    SHELLS.contains(&name)
}

/// The word of the policy.
const SHELL: &str = "shell";

const SHELLS: [&str; 15] = [
    "ash",
    "bash",
    "busybox",
    "cmd",
    "csh",
    "dash",
    "elvish",
    "fish",
    "ksh",
    "mksh",
    "powershell",
    "pwsh",
    "sh",
    "tcsh",
    "zsh",
];

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn programs_and_their_first_arguments() {
        let places = Places::new(Path::new("/app/node_modules/p"), Path::new("/app"), Path::new("/tmp"));
        for (pattern, value, expected) in [
            ("git", "git", true),
            ("git", "git\0status", true),
            ("git", "/tmp/git", false),
            ("git status", "git\0status\0-s", true),
            ("git status", "git", false),
            ("git status", "git\0stash", false),
            ("git status", "git status", false),
            ("/usr/bin/git", "/usr/bin/git\0x", true),
            ("/usr/bin/git", "git", false),
            ("$PKG/bin/*", "/app/node_modules/p/bin/x", true),
            ("$PKG/bin/*", "/app/node_modules/q/bin/x", false),
            ("node $PKG/worker.js", "node\0/app/node_modules/p/worker.js\0x", true),
            ("node $PKG/worker.js", "node\0/app/worker.js", false),
            ("node $PKG/worker.js", "node\0-e\0x", false),
            ("shell", "shell", true),
            ("shell", "/bin/sh\0-c\0x", true),
            ("shell", "git", false),
            ("/bin/*", "/bin/sh", false),
            ("/bin/*", "/bin/ls", true),
        ] {
            let compiled = CommandPattern::parse(pattern).unwrap();
            assert_eq!(compiled.matches(value, &places), expected, "{pattern} {value:?}");
            assert_eq!(compiled.to_string(), pattern);
        }
        for text in ["sh", "/bin/bash", "BASH.exe", "shell -c", "./x", "bin/x", "g*", " ", "$HOME/x"] {
            assert!(CommandPattern::parse(text).is_err(), "{text}");
        }
        let cover = |one: &str, other: &str| {
            CommandPattern::parse(one).unwrap().covers(&CommandPattern::parse(other).unwrap())
        };
        assert!(cover("git", "git status") && cover("$PKG/**", "$PKG/bin/x"));
        assert!(!cover("git status", "git") && !cover("git", "node"));
    }
}
