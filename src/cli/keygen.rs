//! `loadlock keygen`: a new key pair.
//!
//! JSON: `privateKey`, `publicKey` (paths), `keyId` (`sha256:…`), `algorithm`.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use serde_json::json;

use super::{Answer, Failure, Format, output::printable};
use crate::attestation::{Algorithm, ENVELOPE_PATH, KeyId, PrivateKey, disk::Access};

/// Make a key pair for sealing
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to put the private key; the public one goes beside it, as `*.pub.pem`
    #[arg(long, value_name = "KEY.pem", default_value = "loadlock.key.pem")]
    out: PathBuf,
    /// Signature scheme; P-256 is for cosign and key services
    #[arg(long, value_enum, default_value_t)]
    algorithm: Scheme,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Scheme {
    #[default]
    Ed25519,
    P256,
}

pub(super) fn keygen(args: &Args) -> Result<Answer, Failure> {
    let algorithm = match args.algorithm {
        Scheme::Ed25519 => Algorithm::Ed25519,
        Scheme::P256 => Algorithm::P256,
    };
    let pair = KeyPair::create(&args.out, algorithm)?;
    let (private, public) =
        (printable(&pair.private.to_string_lossy()), printable(&pair.public.to_string_lossy()));
    let text = format!(
        "Private key  {private}\n             keep it secret, and out of every application\n\
         Public key   {public}\nKey id       sha256:{}\n\nSeal with:   loadlock seal --key {private}\n",
        pair.id
    );
    let json = json!({
        "privateKey": pair.private.to_string_lossy(),
        "publicKey": pair.public.to_string_lossy(),
        "keyId": format!("sha256:{}", pair.id),
        "algorithm": algorithm.to_string(),
    });
    Ok(Answer::fine(text, json))
}

/// Two key files.
pub(super) struct KeyPair {
    pub(super) private: PathBuf,
    public: PathBuf,
    id: KeyId,
}

impl KeyPair {
    /// Makes a key and writes both halves. Never overwrites a file, never writes into an application.
    pub(super) fn create(private: &Path, algorithm: Algorithm) -> Result<Self, Failure> {
        let private = std::path::absolute(private).map_err(|error| cannot_write(private, &error))?;
        let public = public_path(&private);
        for path in [&private, &public] {
            // Also a dangling link: writing would go to wherever it points.
            if path.symlink_metadata().is_ok() {
                return Err(Failure::usage(format!("{}: exists already", path.display())).with_help(
                    "a key that is in use must not be lost: choose another name with --out, or use this one",
                ));
            }
        }
        if let Some(application) = application_around(&private, env::home_dir().as_deref()) {
            let name = private.file_name().unwrap_or_default().to_string_lossy();
            return Err(Failure::usage(format!(
                "{}: lies inside the application {}; whoever gets the application would get the key",
                private.display(),
                application.display()
            ))
            .with_help(format!("keep it elsewhere: loadlock keygen --out ~/.config/loadlock/{name}")));
        }
        let key = PrivateKey::generate(algorithm)?;
        let (secret, open) = (key.to_pem()?, key.public().to_pem()?);
        if let Some(directory) = private.parent() {
            create_private_directory(directory).map_err(|error| cannot_write(directory, &error))?;
        }
        write_new(&private, secret.as_bytes(), Access::Owner)
            .map_err(|error| cannot_write(&private, &error))?;
        if let Err(error) = write_new(&public, open.as_bytes(), Access::Everybody) {
            // Half a pair would stand in the way of the next attempt.
            let _ = fs::remove_file(&private);
            return Err(cannot_write(&public, &error));
        }
        Ok(Self { private, public, id: key.public().id() })
    }
}

/// `KEY.pem` → `KEY.pub.pem`.
fn public_path(private: &Path) -> PathBuf {
    private.with_extension("pub.pem")
}

/// The application that a path lies in: the nearest directory around it that has a package.json or a seal. A home
/// directory and the file system's root are none, whatever lies about in them: then no place would be left, and `seal`
/// refuses a key inside its tree in any case.
fn application_around(path: &Path, home: Option<&Path>) -> Option<PathBuf> {
    // The part that exists decides where the rest will be.
    let existing = path.ancestors().skip(1).find_map(|directory| directory.canonicalize().ok())?;
    let home = home.and_then(|home| home.canonicalize().ok());
    existing
        .ancestors()
        .filter(|directory| directory.parent().is_some() && Some(*directory) != home.as_deref())
        .find(|directory| ["package.json", ENVELOPE_PATH].iter().any(|name| directory.join(name).exists()))
        .map(Path::to_owned)
}

fn create_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn write_new(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let mut file = access.create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{}: cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attestation::PublicKey;

    #[test]
    fn a_pair_is_written_once_and_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/app.key.pem");
        let pair = KeyPair::create(&path, Algorithm::P256).unwrap();
        assert_eq!(pair.public, dir.path().join("keys/app.key.pub.pem"));
        let private = PrivateKey::from_pem(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(private.public(), &PublicKey::from_pem(&fs::read(&pair.public).unwrap()).unwrap());
        #[cfg(unix)]
        for (path, mode) in [(path.as_path(), 0o600), (path.parent().unwrap(), 0o700)] {
            assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).unwrap()) & 0o777, mode);
        }
        let before = fs::read(&path).unwrap();
        assert!(KeyPair::create(&path, Algorithm::Ed25519).is_err());
        fs::remove_file(&path).unwrap();
        assert!(KeyPair::create(&path, Algorithm::Ed25519).is_err(), "the public half alone is refused too");
        assert!(!path.exists() && !before.is_empty());
    }

    #[test]
    fn an_application_is_no_place_for_a_key() {
        let dir = tempfile::tempdir().unwrap();
        let app = dir.path().join("app");
        fs::create_dir_all(app.join("config")).unwrap();
        fs::write(app.join("package.json"), "{}").unwrap();
        let app = app.canonicalize().unwrap();
        for inside in ["key.pem", "config/key.pem", "new/dir/key.pem"] {
            assert_eq!(application_around(&app.join(inside), None), Some(app.clone()), "{inside}");
        }
        assert_eq!(application_around(&dir.path().join("key.pem"), None), None);
        assert_eq!(
            application_around(&app.join(".config/key.pem"), Some(&app)),
            None,
            "a home is no application"
        );
        let failure = KeyPair::create(&app.join("key.pem"), Algorithm::Ed25519).err().unwrap();
        assert!(failure.help[0].contains("--out") && !app.join("key.pem").exists());
    }
}
