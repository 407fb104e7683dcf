//! How far the work is, told to whoever shows it.

/// Hears about progress. Called from several threads.
pub trait Progress: Sync {
    /// A phase begins; `total` counts its steps where they are known.
    fn begin(&self, phase: &str, total: Option<u64>);

    /// Some steps of the phase are done.
    fn advance(&self, steps: u64);
}

/// Tells nobody.
impl Progress for () {
    fn begin(&self, _: &str, _: Option<u64>) {}

    fn advance(&self, _: u64) {}
}
