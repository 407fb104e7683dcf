//! Names of globals.

/// The globals that a file gets lexically when it mentions them. The place in this list is the bit in the mask of
/// [`crate::index::FileRecord::globals`]; the order never changes.
pub const GLOBAL_NAMES: [&str; 24] = [
    "process",
    "globalThis",
    "global",
    "fetch",
    "WebSocket",
    "EventSource",
    "eval",
    "Function",
    "WebAssembly",
    "navigator",
    "localStorage",
    "sessionStorage",
    "BroadcastChannel",
    "Worker",
    "performance",
    "PerformanceObserver",
    "XMLHttpRequest",
    "Request",
    "Response",
    "Headers",
    "FormData",
    "MessageEvent",
    "CloseEvent",
    "Storage",
];

/// Every bit of the mask: a file that may mention anything.
pub const ALL_GLOBALS: u32 = (1 << GLOBAL_NAMES.len()) - 1;

/// The bit of a name, 0 for any other.
pub(super) fn bit(name: &str) -> u32 {
    GLOBAL_NAMES.iter().position(|&global| global == name).map_or(0, |at| 1 << at)
}

/// What every JavaScript engine has, and nobody needs a grant for reading.
pub(super) fn is_intrinsic(name: &str) -> bool {
    INTRINSICS.binary_search(&name).is_ok()
}

/// Sorted.
const INTRINSICS: [&str; 64] = [
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "AsyncDisposableStack",
    "Atomics",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "DataView",
    "Date",
    "DisposableStack",
    "Error",
    "EvalError",
    "FinalizationRegistry",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "SharedArrayBuffer",
    "String",
    "SuppressedError",
    "Symbol",
    "SyntaxError",
    "Temporal",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "undefined",
    "unescape",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_follow_the_list() {
        assert_eq!((bit("process"), bit("Storage"), bit("Object")), (1, 1 << 23, 0));
        assert_eq!(ALL_GLOBALS.count_ones() as usize, GLOBAL_NAMES.len());
        assert!(INTRINSICS.is_sorted());
    }
}
