//! Native bindings: the bytes that were checked are the bytes that are mapped (I1).
//!
//! A path is never given to `dlopen`: between our check and the linker's `open` the file could be replaced, and even
//! after it an in-place write changes the code of a mapped library. Instead the checked bytes go into an anonymous
//! in-memory file (`memfd_create(2)`) that is sealed against every further change (`F_ADD_SEALS`), and the linker opens
//! that one through `/proc/self/fd/N`.
//!
//! What is lost is `$ORIGIN`. The seal therefore lists the libraries inside the tree that a binding needs; each is loaded
//! the same way first, and glibc then satisfies `DT_NEEDED` by SONAME with what is already there; that it will is checked,
//! and a binding whose libraries cannot be pinned like that is refused. macOS and Windows have no memfd: there the path
//! that was just verified is opened once more by the linker, which leaves the window that SECURITY.md describes.

use std::{io, sync::Arc};

use parking_lot::Mutex;

use super::{Entry, Refusal, Runtime};
use crate::{error::Code, module_path::ModulePath};

/// Where the dynamic linker finds a checked binding.
#[derive(Debug)]
pub struct NativeHandle {
    /// The path to give to `process.dlopen`.
    pub path: String,
    /// Keeps the in-memory file open: its number must not be reused, and a second copy of one library would have
    /// state of its own.
    #[cfg(target_os = "linux")]
    file: std::fs::File,
    /// Device and inode of the in-memory file.
    #[cfg(target_os = "linux")]
    identity: (u64, u64),
}

/// Loads the libraries that the binding needs, then prepares the binding itself. One thread at a time: two that want the
/// same file would each map a copy of it.
pub(super) fn prepare(runtime: &Runtime, entry: &Entry) -> Result<Arc<NativeHandle>, Refusal> {
    static PREPARING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = PREPARING.lock();
    for library in &entry.record.names {
        let (name, path) = library.split_once('\0').unwrap_or_default();
        let path = ModulePath::parse(path).map_err(|error| {
            Refusal::new(Code::Format, "the index holds normal paths", error.to_string(), "seal again")
        })?;
        if name.contains('/') {
            // The linker opens such a name by path, whatever is loaded already: nothing binds what it finds there.
            runtime.refuse(unpinned(&entry.path, name, "by its path"))?;
            continue;
        }
        let library = runtime.entry(&path.to_absolute(runtime.root()).to_string_lossy())?;
        if runtime.natives.lock().contains_key(&library.path) {
            continue;
        }
        let handle = handle(runtime, &library)?;
        load_library(&library.path, &handle)?;
        if !is_loaded(name) {
            runtime.refuse(unpinned(&entry.path, name, "by a name that is not the library's SONAME"))?;
        }
        runtime.natives.lock().insert(library.path, Arc::new(handle));
    }
    if let Some(known) = runtime.natives.lock().get(&entry.path).filter(|known| known.is_intact()) {
        return Ok(known.clone());
    }
    let handle = Arc::new(handle(runtime, entry)?);
    if let Some(stolen) = runtime.natives.lock().insert(entry.path.clone(), handle.clone()) {
        // Its descriptor is somebody else's by now and must not be closed.
        std::mem::forget(stolen);
    }
    Ok(handle)
}

impl NativeHandle {
    /// Whether the descriptor still is our in-memory file: any code can close a number, and another file may have got
    /// it since.
    #[cfg(target_os = "linux")]
    fn is_intact(&self) -> bool {
        use std::os::unix::fs::MetadataExt;

        self.file.metadata().is_ok_and(|now| (now.dev(), now.ino()) == self.identity)
    }

    #[cfg(not(target_os = "linux"))]
    fn is_intact(&self) -> bool {
        true
    }
}

#[cfg(target_os = "linux")]
fn handle(runtime: &Runtime, entry: &Entry) -> Result<NativeHandle, Refusal> {
    use std::{
        io::Write,
        os::{
            fd::AsRawFd,
            unix::fs::{FileExt, MetadataExt},
        },
    };

    let bytes = runtime.read(entry, "", "")?;
    let mut file = memfd(entry.path.file_name())
        .map_err(|error| Refusal::native(&entry.path, "no executable in-memory file", &error))?;
    let cannot =
        |error: io::Error| Refusal::native(&entry.path, "the in-memory file cannot be sealed", &error);
    file.write_all(&bytes).and_then(|()| seal(&file)).map_err(cannot)?;
    // Until it was sealed another thread could write to the descriptor by its number; what counts is what it holds now,
    // when nobody can.
    let mut held = vec![0; bytes.len()];
    file.read_exact_at(&mut held, 0).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if held != bytes || metadata.len() != bytes.len() as u64 {
        return Err(Refusal::native(
            &entry.path,
            "changed while it was copied",
            &io::ErrorKind::InvalidData.into(),
        ));
    }
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(NativeHandle { path, file, identity: (metadata.dev(), metadata.ino()) })
}

#[cfg(not(target_os = "linux"))]
fn handle(runtime: &Runtime, entry: &Entry) -> Result<NativeHandle, Refusal> {
    drop(runtime.read(entry, "", "")?);
    Ok(NativeHandle { path: entry.path.to_absolute(runtime.root()).to_string_lossy().into_owned() })
}

fn unpinned(binding: &ModulePath, name: &str, how: &str) -> Refusal {
    Refusal::new(
        Code::Unsupported,
        "the libraries of a native binding are the sealed ones",
        format!(
            "{binding} asks for the library {name} {how}, so the linker would read it from disk unchecked"
        ),
        "link the binding against a library with a SONAME, by name",
    )
}

#[cfg(target_os = "linux")]
fn memfd(name: &str) -> io::Result<std::fs::File> {
    use std::os::fd::FromRawFd;

    // The name only shows up in /proc/PID/maps; at most 249 bytes (memfd_create(2)).
    let name = std::ffi::CString::new(&name.as_bytes()[..name.len().min(200)])?;
    let create = |flags| {
        // SAFETY: `name` is a valid C string for the length of the call; the result is checked before use.
        unsafe { libc::memfd_create(name.as_ptr(), flags) }
    };
    // MFD_EXEC is known from Linux 6.3 on and needed where vm.memfd_noexec is 1; older kernels refuse the flag.
    let mut fd = create(libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING | libc::MFD_EXEC);
    if fd < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL) {
        fd = create(libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING);
    }
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just gave us this descriptor and nobody else knows it.
    Ok(unsafe { std::fs::File::from_raw_fd(fd) })
}

#[cfg(target_os = "linux")]
fn seal(file: &std::fs::File) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    let seals = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE | libc::F_SEAL_SEAL;
    // SAFETY: fcntl on a descriptor that `file` owns.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn load_library(path: &ModulePath, handle: &NativeHandle) -> Result<(), Refusal> {
    let name = std::ffi::CString::new(handle.path.as_str())
        .map_err(|error| Refusal::native(path, "the library cannot be named", &error.into()))?;
    // SAFETY: `name` is a valid C string. The library's constructors run: its bytes are the sealed ones. The handle is
    // kept for the life of the process on purpose, as the linker would.
    if unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_GLOBAL) }.is_null() {
        // SAFETY: after a failure dlerror returns a C string of this thread, or null.
        let text = unsafe {
            let text = libc::dlerror();
            if text.is_null() {
                String::new()
            } else {
                std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()
            }
        };
        return Err(Refusal::native(path, "the library does not load", &io::Error::other(text)));
    }
    Ok(())
}

/// Whether the linker will take a library that is loaded already for this name.
#[cfg(target_os = "linux")]
fn is_loaded(name: &str) -> bool {
    let Ok(name) = std::ffi::CString::new(name) else { return false };
    // SAFETY: `name` is a valid C string; RTLD_NOLOAD only looks, and the reference it takes is kept on purpose.
    !unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) }.is_null()
}

#[cfg(not(target_os = "linux"))]
fn is_loaded(_name: &str) -> bool {
    true
}

#[cfg(not(target_os = "linux"))]
fn load_library(_path: &ModulePath, _handle: &NativeHandle) -> Result<(), Refusal> {
    // The linker finds it by its own path.
    Ok(())
}
