//! Native bindings: the bytes that were checked are the bytes that are mapped (I1).
//!
//! A path is never given to `dlopen`: between our check and the linker's `open` the file could be replaced, and even
//! after it an in-place write changes the code of a mapped library. Instead the checked bytes go into an anonymous
//! in-memory file (`memfd_create(2)`) that is sealed against every further change (`F_ADD_SEALS`), and the linker opens
//! that one through `/proc/self/fd/N`.
//!
//! What is lost is `$ORIGIN`. The seal therefore lists the libraries inside the tree that a binding needs; each is loaded
//! the same way first, and glibc then satisfies `DT_NEEDED` by SONAME with what is already there. Where no memfd can be
//! had (macOS, Windows, musl with dependent libraries) the verified path itself is used and checked again afterwards,
//! which leaves the window that SECURITY.md describes.

use std::{io, sync::Arc};

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
    _file: Option<std::fs::File>,
}

/// Loads the libraries that the binding needs, then prepares the binding itself.
pub(super) fn prepare(runtime: &Runtime, entry: &Entry) -> Result<Arc<NativeHandle>, Refusal> {
    for name in &entry.record.names {
        let path = ModulePath::parse(name).map_err(|error| {
            Refusal::new(Code::Format, "the index holds normal paths", error.to_string(), "seal again")
        })?;
        let library = runtime.entry(&path.to_absolute(runtime.root()).to_string_lossy())?;
        if runtime.natives.lock().contains_key(&library.path) {
            continue;
        }
        let handle = handle(runtime, &library)?;
        load_library(&library.path, &handle)?;
        runtime.natives.lock().insert(library.path, Arc::new(handle));
    }
    if let Some(known) = runtime.natives.lock().get(&entry.path) {
        return Ok(known.clone());
    }
    let handle = Arc::new(handle(runtime, entry)?);
    runtime.natives.lock().insert(entry.path.clone(), handle.clone());
    Ok(handle)
}

#[cfg(target_os = "linux")]
fn handle(runtime: &Runtime, entry: &Entry) -> Result<NativeHandle, Refusal> {
    use std::{io::Write, os::fd::AsRawFd};

    let bytes = runtime.read(entry, "", "")?;
    let mut file = memfd(entry.path.file_name())
        .map_err(|error| Refusal::native(&entry.path, "no executable in-memory file", &error))?;
    file.write_all(&bytes)
        .and_then(|()| seal(&file))
        .map_err(|error| Refusal::native(&entry.path, "the in-memory file cannot be sealed", &error))?;
    Ok(NativeHandle { path: format!("/proc/self/fd/{}", file.as_raw_fd()), _file: Some(file) })
}

#[cfg(not(target_os = "linux"))]
fn handle(runtime: &Runtime, entry: &Entry) -> Result<NativeHandle, Refusal> {
    drop(runtime.read(entry, "", "")?);
    Ok(NativeHandle { path: entry.path.to_absolute(runtime.root()).to_string_lossy().into_owned() })
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

#[cfg(not(target_os = "linux"))]
fn load_library(_path: &ModulePath, _handle: &NativeHandle) -> Result<(), Refusal> {
    // The linker finds it by its own path.
    Ok(())
}
