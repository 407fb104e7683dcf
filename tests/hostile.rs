//! Artefacts and trees made by somebody who wants the seal to lie, crash or hang: each gets a clear error.

#![allow(clippy::unwrap_used, reason = "a panic is the report, in the helpers of a test as well")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use loadlock::{
    attestation::{
        Algorithm, Conditions, ENVELOPE_PATH, Envelope, Expiration, INDEX_PATH, MANIFEST_PATH,
        PUBLIC_KEY_PATH, PrivateKey, Trust, envelope,
    },
    error::Code,
    manifest::{Change, Manifest, SealError, SealOptions, SealReport, VerifyReport, seal, verify},
};

const CONDITIONS: Conditions = Conditions { expiration: Expiration::Ignored, min_epoch: 0 };

/// An application in a scratch directory, and the key that seals it.
struct App {
    dir: tempfile::TempDir,
    key: PathBuf,
}

impl App {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("seal.key.pem");
        fs::write(&key, PrivateKey::generate(Algorithm::Ed25519).unwrap().to_pem().unwrap().as_bytes())
            .unwrap();
        let app = Self { dir, key };
        fs::create_dir(app.root()).unwrap();
        for (path, text) in files {
            app.write(path, text.as_bytes());
        }
        app
    }

    fn small() -> Self {
        Self::new(&[
            ("package.json", r#"{"name":"app","version":"1.0.0"}"#),
            ("app.js", "require('a')"),
            ("node_modules/a/package.json", r#"{"name":"a","version":"2.0.0","main":"lib"}"#),
            ("node_modules/a/lib/index.js", "exports.x = 1"),
        ])
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("app")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn private_key(&self) -> PrivateKey {
        PrivateKey::from_pem(&fs::read(&self.key).unwrap()).unwrap()
    }

    fn options(&self) -> SealOptions {
        SealOptions {
            key: self.private_key(),
            key_path: Some(self.key.clone()),
            epoch: Some(1),
            expires: None,
            exclude: Vec::new(),
            lockdown: true,
        }
    }

    fn seal(&self) -> Result<SealReport, SealError> {
        seal(&self.root(), &self.options(), &())
    }

    fn verify(&self) -> Result<VerifyReport, Code> {
        let trust = Trust::only(self.private_key().public().clone());
        verify(&self.root(), &trust, &CONDITIONS, &()).map_err(|error| error.code())
    }

    fn findings(&self) -> Vec<(Change, String)> {
        let report = self.verify().unwrap();
        assert!(report.unreadable.is_empty(), "{:?}", report.unreadable);
        report.findings.into_iter().map(|finding| (finding.change, finding.path)).collect()
    }

    fn artefacts(&self) -> Vec<Vec<u8>> {
        let read = |path: &&str| fs::read(self.path(path)).unwrap();
        [MANIFEST_PATH, ENVELOPE_PATH, INDEX_PATH, PUBLIC_KEY_PATH].iter().map(read).collect()
    }

    /// Signs something else than `seal` would.
    fn sign(&self, payload: Vec<u8>) {
        let bytes = self.private_key().sign(&envelope::pae(&payload));
        let signature = envelope::Signature { key_id: None, bytes };
        fs::write(self.path(ENVELOPE_PATH), Envelope::new(payload, vec![signature]).to_json()).unwrap();
    }

    fn payload(&self) -> String {
        let envelope = Envelope::parse(&fs::read(self.path(ENVELOPE_PATH)).unwrap()).unwrap();
        String::from_utf8(envelope.payload().to_vec()).unwrap()
    }
}

/// The message of a seal that must fail, with its problems.
fn refusal(outcome: Result<SealReport, SealError>) -> String {
    match outcome.unwrap_err() {
        SealError::Tree(problems) => problems
            .iter()
            .map(|problem| format!("{problem}; {}", problem.help()))
            .collect::<Vec<_>>()
            .join("\n"),
        error => error.to_string(),
    }
}

#[test]
fn an_intact_tree_verifies_and_each_change_is_found() {
    let app = App::small();
    let report = app.seal().unwrap();
    assert_eq!((report.files, report.packages, report.links), (4, 2, 0));
    assert_eq!(app.findings(), []);

    app.write("node_modules/a/lib/index.js", b"exports.x = 2");
    app.write("node_modules/b/index.js", b"evil");
    app.write("node_modules/.hidden", b"evil");
    fs::remove_file(app.path("app.js")).unwrap();
    let expected = [
        (Change::Missing, "app.js"),
        (Change::Added, "node_modules/.hidden"),
        (Change::Changed, "node_modules/a/lib/index.js"),
        (Change::Added, "node_modules/b/index.js"),
    ];
    assert_eq!(app.findings(), expected.map(|(change, path)| (change, path.to_owned())));
}

#[test]
fn the_same_tree_gives_the_same_bytes_whatever_the_order_of_creation() {
    let files: Vec<(String, String)> = (0..200)
        .map(|n| (format!("node_modules/p{}/f{n}.js", n % 17), format!("exports.n{n} = 1")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let first = App::new(&files);
    let reversed: Vec<_> = files.iter().rev().copied().collect();
    let second = App::new(&reversed);
    fs::copy(&first.key, &second.key).unwrap();
    first.seal().unwrap();
    second.seal().unwrap();
    let bytes = first.artefacts();
    assert_eq!(bytes, second.artefacts());
    first.seal().unwrap();
    assert_eq!(bytes, first.artefacts(), "sealing a sealed tree changes nothing");
    let text = String::from_utf8(bytes[0].clone()).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("blake3")).count(), 200, "one line per file");
}

#[test]
fn a_truncated_or_foreign_envelope_is_refused() {
    let app = App::small();
    app.seal().unwrap();
    let good = fs::read(app.path(ENVELOPE_PATH)).unwrap();
    for len in (0..good.len() - 1).step_by(97) {
        fs::write(app.path(ENVELOPE_PATH), &good[..len]).unwrap();
        assert_eq!(app.verify().unwrap_err(), Code::Format, "{len}");
    }
    let text = String::from_utf8(good.clone()).unwrap();
    let duplicate = text.replacen('{', r#"{"payload":"","#, 1);
    let foreign = text.replace("application/vnd.in-toto+json", "application/json");
    for hostile in [duplicate.into_bytes(), foreign.into_bytes(), vec![b' '; 2 << 20], b"[".repeat(100_000)] {
        fs::write(app.path(ENVELOPE_PATH), hostile).unwrap();
        assert_eq!(app.verify().unwrap_err(), Code::Format);
    }
    fs::remove_file(app.path(ENVELOPE_PATH)).unwrap();
    assert_eq!(app.verify().unwrap_err(), Code::NoManifest);
    fs::create_dir(app.path(ENVELOPE_PATH)).unwrap();
    assert_eq!(app.verify().unwrap_err(), Code::Format);
}

#[test]
fn another_key_or_another_payload_is_refused() {
    let app = App::small();
    app.seal().unwrap();
    let trust = Trust::only(PrivateKey::generate(Algorithm::P256).unwrap().public().clone());
    let error = verify(&app.root(), &trust, &CONDITIONS, &()).unwrap_err();
    assert_eq!(error.code(), Code::Signature);

    let envelope = fs::read_to_string(app.path(ENVELOPE_PATH)).unwrap();
    let payload = app.payload();
    let newer = payload.replace("\"epoch\":1,", "\"epoch\":2,");
    assert_ne!(newer, payload);
    fs::write(
        app.path(ENVELOPE_PATH),
        envelope.replace(&STANDARD.encode(&payload), &STANDARD.encode(&newer)),
    )
    .unwrap();
    assert_eq!(app.verify().unwrap_err(), Code::Signature);
}

#[test]
fn a_signed_statement_must_still_be_a_statement_of_this_version() {
    let app = App::small();
    app.seal().unwrap();
    let payload = app.payload();
    for (from, to) in [
        ("\"formatVersion\":1", "\"formatVersion\":2"),
        ("\"epoch\":1", "\"epoch\":1,\"epoch\":9"),
        ("\"lockdown\":true", "\"lockdown\":true,\"allow\":\"all\""),
        (MANIFEST_PATH, "../elsewhere.json"),
        ("load-manifest/v1", "load-manifest/v9"),
    ] {
        let hostile = payload.replace(from, to);
        assert_ne!(hostile, payload);
        app.sign(hostile.into_bytes());
        assert_eq!(app.verify().unwrap_err(), Code::Format, "{to}");
    }
    app.sign(payload.into_bytes());
    assert_eq!(app.findings(), []);
}

#[test]
fn manifest_and_index_must_be_the_signed_ones() {
    for path in [MANIFEST_PATH, INDEX_PATH] {
        let app = App::small();
        app.seal().unwrap();
        let good = fs::read(app.path(path)).unwrap();
        let mut changed = good.clone();
        *changed.last_mut().unwrap() ^= 1;
        for hostile in [&changed[..], &good[..good.len() / 2], b""] {
            fs::write(app.path(path), hostile).unwrap();
            assert_eq!(app.verify().unwrap_err(), Code::Signature, "{path}");
        }
        fs::remove_file(app.path(path)).unwrap();
        assert_eq!(app.verify().unwrap_err(), Code::Format, "{path}");
    }
}

#[test]
fn a_manifest_that_names_places_outside_is_refused() {
    let entry = r#"{ "format": "json", "size": 1, "blake3": "0000000000000000000000000000000000000000000000000000000000000000" }"#;
    let manifest = |path: &str| {
        format!(
            r#"{{ "formatVersion": 1, "packages": {{ "": {{ "files": {{ "{path}": {entry} }} }} }}, "links": {{}} }}"#
        )
    };
    assert!(Manifest::parse(manifest("a").as_bytes()).is_ok());
    for path in ["../a", "/etc/passwd", "a/../../b", "a\\u0000b", "a//b", ".", "", &"a/".repeat(5000)] {
        let error = Manifest::parse(manifest(path).as_bytes()).unwrap_err();
        assert_eq!(error.code(), Code::Format, "{path}");
    }
}

#[test]
fn an_older_epoch_than_the_operator_accepts_is_refused() {
    let app = App::small();
    app.seal().unwrap();
    let trust = Trust::only(app.private_key().public().clone());
    let error = verify(&app.root(), &trust, &Conditions { min_epoch: 2, ..CONDITIONS }, &()).unwrap_err();
    assert_eq!(error.code(), Code::Rollback);
}

#[test]
fn epochs_rise_by_themselves_and_a_foreign_seal_does_not_count() {
    let app = App::small();
    let seal_next =
        |app: &App| seal(&app.root(), &SealOptions { epoch: None, ..app.options() }, &()).unwrap();
    let far = 1 << 50;
    seal(&app.root(), &SealOptions { epoch: Some(far), ..app.options() }, &()).unwrap();
    assert_eq!(seal_next(&app).epoch, far + 1);
    assert!(app.seal().unwrap().warnings.iter().any(|warning| warning.contains("roll-back")));

    let stranger = PrivateKey::generate(Algorithm::Ed25519).unwrap();
    let foreign = SealOptions { key: stranger, key_path: None, epoch: Some(u64::MAX), ..app.options() };
    seal(&app.root(), &foreign, &()).unwrap();
    assert!(seal_next(&app).epoch < far);
}

#[test]
fn the_signing_key_never_becomes_part_of_the_application() {
    let app = App::small();
    let copy = fs::read(&app.key).unwrap();
    app.write("config/other-name.pem", &copy);
    assert!(refusal(app.seal()).contains("other-name.pem: is the private key"));
    fs::remove_file(app.path("config/other-name.pem")).unwrap();

    let another = PrivateKey::generate(Algorithm::Ed25519).unwrap();
    app.write("config/seal.key.pem", another.to_pem().unwrap().as_bytes());
    assert!(refusal(app.seal()).contains("seal.key.pem"));
    fs::remove_file(app.path("config/seal.key.pem")).unwrap();
    app.write("config/test.key.pem", another.to_pem().unwrap().as_bytes());
    app.seal().expect("a key of somebody else is a file like any other");

    let inside = app.path("node_modules/seal.pem");
    fs::write(&inside, copy).unwrap();
    let options = SealOptions { key_path: Some(inside), ..app.options() };
    assert!(refusal(seal(&app.root(), &options, &())).contains("must not lie inside"));
}

#[test]
fn a_broken_package_json_is_sealed_with_a_warning() {
    let app = App::small();
    app.write("node_modules/a/package.json", b"{ \"main\": ");
    let report = app.seal().unwrap();
    assert!(
        report.warnings[0].starts_with("node_modules/a/package.json: is not valid JSON"),
        "{:?}",
        report.warnings
    );
    assert_eq!(app.findings(), []);
}

#[test]
fn what_is_excluded_at_seal_is_excluded_at_verify() {
    let app = App::small();
    app.write("coverage/a.js", b"1");
    seal(&app.root(), &SealOptions { exclude: vec!["coverage".into()], ..app.options() }, &()).unwrap();
    app.write("coverage/b.js", b"1");
    assert_eq!(app.findings(), []);
    app.write("coverages/b.js", b"1");
    assert_eq!(app.findings(), [(Change::Added, "coverages/b.js".to_owned())]);
}

#[test]
fn a_huge_sparse_file_is_streamed() {
    let app = App::small();
    let size = 2 << 30;
    for name in ["huge.bin", "huge.js"] {
        fs::File::create(app.path(name)).unwrap().set_len(size).unwrap();
    }
    let report = app.seal().unwrap();
    assert!(report.bytes > 2 * size);
    assert!(report.warnings.iter().any(|warning| warning.starts_with("huge.js: is larger than")));
    let manifest = Manifest::parse(&fs::read(app.path(MANIFEST_PATH)).unwrap()).unwrap();
    assert_eq!(manifest.files().filter(|(_, entry)| entry.size == size).count(), 2);
}

#[test]
fn a_root_that_is_no_directory_is_refused() {
    let app = App::small();
    assert!(refusal(seal(&app.path("app.js"), &app.options(), &())).contains("is not a directory"));
    assert!(refusal(seal(Path::new("/nonexistent"), &app.options(), &())).contains("/nonexistent"));
}

#[test]
fn an_openssl_of_the_system_accepts_our_signature() {
    use std::process::Command;

    if Command::new("openssl").arg("version").output().is_err() {
        return;
    }
    for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
        let app = App::small();
        let key = PrivateKey::generate(algorithm).unwrap();
        fs::write(&app.key, key.to_pem().unwrap().as_bytes()).unwrap();
        app.seal().unwrap();
        let envelope = Envelope::parse(&fs::read(app.path(ENVELOPE_PATH)).unwrap()).unwrap();
        let (message, signature) = (app.dir.path().join("message"), app.dir.path().join("signature"));
        fs::write(&message, envelope::pae(envelope.payload())).unwrap();
        fs::write(&signature, &envelope.signatures()[0].bytes).unwrap();
        let openssl = |arguments: &[&str]| Command::new("openssl").args(arguments).output().unwrap();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let public = text(&app.path(PUBLIC_KEY_PATH));
        let (message, signature) = (text(&message), text(&signature));
        let mut arguments = vec!["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", &public];
        arguments.extend(["-in", &message, "-sigfile", &signature]);
        if algorithm == Algorithm::P256 {
            arguments.extend(["-digest", "sha256"]);
        }
        let output = openssl(&arguments);
        assert!(output.status.success(), "{algorithm}: {output:?}");
        // And it reads our private key, and derives the same public one.
        let derived = openssl(&["pkey", "-in", &text(&app.key), "-pubout"]);
        assert_eq!(derived.stdout, fs::read(app.path(PUBLIC_KEY_PATH)).unwrap(), "{algorithm}: {derived:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _, fs::symlink},
    };

    use super::*;

    fn fifo(path: &Path) {
        let path = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: `path` is a valid C string for the length of the call.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o644) }, 0);
    }

    #[test]
    fn a_fifo_is_named_with_a_way_out() {
        let app = App::small();
        fifo(&app.path("node_modules/a/pipe"));
        let message = refusal(app.seal());
        assert!(
            message.contains("node_modules/a/pipe: is a FIFO") && message.contains("--exclude"),
            "{message}"
        );
        seal(&app.root(), &SealOptions { exclude: vec!["**/pipe".into()], ..app.options() }, &()).unwrap();
        fifo(&app.path("app.fifo"));
        assert_eq!(app.findings(), [(Change::Added, "app.fifo".to_owned())]);
    }

    #[test]
    fn a_fifo_in_the_place_of_a_file_or_an_artefact_does_not_block() {
        let app = App::small();
        app.seal().unwrap();
        fs::remove_file(app.path("app.js")).unwrap();
        fifo(&app.path("app.js"));
        assert_eq!(app.findings(), [(Change::Changed, "app.js".to_owned())]);
        fs::remove_file(app.path(ENVELOPE_PATH)).unwrap();
        fifo(&app.path(ENVELOPE_PATH));
        assert_eq!(app.verify().unwrap_err(), Code::Format);
    }

    #[test]
    fn a_name_that_is_not_utf8_is_shown_escaped() {
        let app = App::small();
        let name = OsStr::from_bytes(b"caf\xe9.js");
        if fs::write(app.root().join(name), "1").is_err() {
            return; // this file system stores text only
        }
        let message = refusal(app.seal());
        assert!(message.contains(r#""caf\xE9.js": the name is not UTF-8"#), "{message}");
        seal(&app.root(), &SealOptions { exclude: vec!["caf*".into()], ..app.options() }, &()).unwrap();
    }

    #[test]
    fn names_with_control_characters_are_sealed() {
        let app = App::small();
        app.write("a\n\x1b[2J.js", b"1");
        app.seal().unwrap();
        assert_eq!(app.findings(), []);
        app.write("a\n\x1b[2J.js", b"2");
        assert_eq!(app.findings(), [(Change::Changed, "a\n\x1b[2J.js".to_owned())]);
    }

    #[test]
    fn links_are_sealed_with_their_targets() {
        let app = App::small();
        app.write("packages/b/index.js", b"1");
        symlink("../packages/b", app.path("node_modules/b")).unwrap();
        symlink("nothing", app.path("dangling")).unwrap();
        let report = app.seal().unwrap();
        assert_eq!(report.links, 1);
        assert!(report.warnings.iter().any(|warning| warning.starts_with("dangling: ")));
        assert_eq!(app.findings(), []);

        let swap = |target: &str| {
            fs::remove_file(app.path("node_modules/b")).unwrap();
            symlink(target, app.path("node_modules/b")).unwrap();
            app.findings()
        };
        let changed = [(Change::Changed, "node_modules/b".to_owned())];
        assert_eq!(swap("a"), changed);
        assert_eq!(swap("/etc"), changed);
        assert_eq!(swap("b"), changed, "a loop");
        assert_eq!(swap("gone"), changed, "dangling");
        assert_eq!(swap("../packages/b"), []);
        symlink("/etc/passwd", app.path("outside")).unwrap();
        symlink("app.js", app.path("alias.js")).unwrap();
        let added = ["alias.js", "outside"].map(|path| (Change::Added, path.to_owned()));
        assert_eq!(app.findings(), added);
    }

    #[test]
    fn a_file_and_a_link_cannot_take_each_others_place() {
        let app = App::small();
        app.write("real.js", b"1");
        symlink("real.js", app.path("link.js")).unwrap();
        app.seal().unwrap();
        fs::remove_file(app.path("link.js")).unwrap();
        fs::copy(app.path("real.js"), app.path("link.js")).unwrap();
        fs::rename(app.path("app.js"), app.path("moved.js")).unwrap();
        symlink("moved.js", app.path("app.js")).unwrap();
        let expected =
            [(Change::Changed, "app.js"), (Change::Changed, "link.js"), (Change::Added, "moved.js")];
        assert_eq!(app.findings(), expected.map(|(change, path)| (change, path.to_owned())));
    }

    #[test]
    fn links_out_of_the_root_and_loops_are_refused_at_seal() {
        let app = App::small();
        symlink("../..", app.path("node_modules/up")).unwrap();
        symlink("loop", app.path("loop")).unwrap();
        let message = refusal(app.seal());
        assert!(
            message.contains("node_modules/up: is a symbolic link to") && message.contains("workspace root")
        );
        assert!(message.contains("loop: is a symbolic link that leads back to itself"), "{message}");
    }

    #[test]
    fn a_package_json_may_be_a_link() {
        let app = App::small();
        fs::rename(app.path("node_modules/a/package.json"), app.path("a.json")).unwrap();
        symlink("../../a.json", app.path("node_modules/a/package.json")).unwrap();
        assert_eq!(app.seal().unwrap().warnings, Vec::<String>::new());
        assert_eq!(app.findings(), []);
    }

    #[test]
    fn an_unreadable_file_is_named() {
        let app = App::small();
        app.seal().unwrap();
        let secret = app.path("node_modules/a/lib/index.js");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read(&secret).is_ok() {
            return; // root reads everything
        }
        assert!(refusal(app.seal()).contains("node_modules/a/lib/index.js: cannot be read"));
        assert_eq!(app.verify().unwrap().unreadable.len(), 1);
        fs::set_permissions(app.path("node_modules/a"), fs::Permissions::from_mode(0o000)).unwrap();
        let report = app.verify().unwrap();
        fs::set_permissions(app.path("node_modules/a"), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!((report.unreadable.len(), report.findings.len()), (1, 0));
    }

    #[test]
    fn a_tree_deeper_than_any_path_is_refused_and_does_not_exhaust_the_stack() {
        let app = App::small();
        let mut directory = fs::canonicalize(app.root()).unwrap();
        let name = "d".repeat(200);
        // Made in two halves, because no single path can name the bottom.
        while directory.as_os_str().len() + name.len() < 4000 {
            directory.push(&name);
        }
        fs::create_dir_all(&directory).unwrap();
        let below = app.dir.path().join("below");
        fs::create_dir_all(below.join(&name).join(&name)).unwrap();
        fs::rename(&below, directory.join("below")).unwrap();
        let message = refusal(app.seal());
        assert!(message.contains("too long") || message.contains("cannot be read"), "{message}");
    }
}
