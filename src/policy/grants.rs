//! What one package may do: the record that is sealed for it and asked at run time.
//!
//! ```text
//! record   := version:u8 flags:u8 whole:u32 scoped:u32 scope* declared:list(text)
//! scope    := list(pattern)              one for each bit of `scoped`, from the lowest; not empty
//! list(x)  := count:u16 x*               strictly ascending
//! flags    := 1 powerful
//! ```
//! All integers are little-endian. Equal grants have equal bytes, and only such bytes are read.

use super::{
    capability::Capability,
    codec::{CodecError, Reader, Writer},
    pattern::{Pattern, Places, package_name},
};
use crate::module_path::ModulePath;

/// How much of a capability is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum GrantKind {
    /// Nothing.
    #[default]
    Denied = 0,
    /// Everything: `true`.
    Whole = 1,
    /// What a list says.
    Scoped = 2,
}

/// What one package may do, and which packages it may load.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants {
    whole: u32,
    scoped: u32,
    /// One for each bit of `scoped`, in order.
    scopes: Vec<Vec<Pattern>>,
    powerful: bool,
    declared: Vec<String>,
}

impl Grants {
    /// How much of `capability` is granted.
    #[must_use]
    pub const fn kind(&self, capability: Capability) -> GrantKind {
        let bit = bit(capability);
        if self.whole & bit != 0 {
            GrantKind::Whole
        } else if self.scoped & bit != 0 {
            GrantKind::Scoped
        } else {
            GrantKind::Denied
        }
    }

    /// The kinds of all capabilities, by their numbers.
    #[must_use]
    pub fn kinds(&self) -> [GrantKind; Capability::COUNT] {
        Capability::ALL.map(|capability| self.kind(capability))
    }

    /// The list of a scoped grant; empty for any other.
    #[must_use]
    pub fn values(&self, capability: Capability) -> &[Pattern] {
        let bit = bit(capability);
        if self.scoped & bit == 0 {
            return &[];
        }
        let at = (self.scoped & (bit - 1)).count_ones() as usize;
        self.scopes.get(at).map_or(&[], Vec::as_slice)
    }

    /// Whether `value` is granted. [`super::pattern`] says what a value is for each kind; a flag has none.
    #[must_use]
    pub fn permits(&self, capability: Capability, value: &str, places: &Places) -> bool {
        match self.kind(capability) {
            GrantKind::Denied => false,
            GrantKind::Whole => true,
            GrantKind::Scoped => self.values(capability).iter().any(|pattern| pattern.matches(value, places)),
        }
    }

    /// Whether the package, or a package that it may load, has a capability that is a power
    /// ([`Capability::is_power`]).
    #[must_use]
    pub const fn is_powerful(&self) -> bool {
        self.powerful
    }

    /// The names that its package.json declares as dependencies, sorted.
    #[must_use]
    pub fn declared(&self) -> &[String] {
        &self.declared
    }

    /// Whether `specifier` is bare and its package is declared.
    #[must_use]
    pub fn declares(&self, specifier: &str) -> bool {
        package_name(specifier).is_some_and(|name| {
            self.declared.binary_search_by(|declared| declared.as_str().cmp(name)).is_ok()
        })
    }

    /// Whether the package at `own` may load files of the package at `target`.
    ///
    /// The rule, in this order:
    /// 1. its own files: yes;
    /// 2. `imports` is granted whole, or lists the target: yes;
    /// 3. the request was bare, its package is declared ([`Grants::declares`]), and the target is not powerful: yes;
    /// 4. no.
    #[must_use]
    pub fn edge_permitted(
        &self,
        own: &ModulePath,
        target: &ModulePath,
        target_is_powerful: bool,
        declared: bool,
    ) -> bool {
        own == target
            || self.permits(Capability::Imports, target.as_str(), &Places::default())
            || declared && !target_is_powerful
    }

    /// Grants all of `capability`.
    pub fn grant_whole(&mut self, capability: Capability) {
        self.revoke(capability);
        self.whole |= bit(capability);
    }

    /// Grants a list; an empty one is no grant.
    pub fn grant_scoped(&mut self, capability: Capability, mut values: Vec<Pattern>) {
        self.revoke(capability);
        values.sort_unstable();
        values.dedup();
        if !values.is_empty() {
            let at = (self.scoped & (bit(capability) - 1)).count_ones() as usize;
            self.scoped |= bit(capability);
            self.scopes.insert(at, values);
        }
    }

    /// Says whether it is powerful.
    pub const fn set_powerful(&mut self, powerful: bool) {
        self.powerful = powerful;
    }

    /// Says which dependencies are declared.
    pub fn set_declared(&mut self, declared: impl IntoIterator<Item = String>) {
        self.declared = declared.into_iter().collect();
        self.declared.sort_unstable();
        self.declared.dedup();
    }

    /// Whether one of its own grants is a power.
    #[must_use]
    pub fn has_power(&self) -> bool {
        Capability::ALL
            .into_iter()
            .any(|capability| capability.is_power() && self.kind(capability) != GrantKind::Denied)
    }

    /// The record's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u8(VERSION);
        out.u8(self.powerful.into());
        out.u32(self.whole);
        out.u32(self.scoped);
        for scope in &self.scopes {
            out.count(scope.len());
            scope.iter().for_each(|pattern| pattern.encode(&mut out));
        }
        out.count(self.declared.len());
        self.declared.iter().for_each(|name| out.text(name));
        out.finish()
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`CodecError`] for anything that [`Grants::encode`] does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut bytes = Reader::new(bytes)?;
        if bytes.u8()? != VERSION {
            return Err(CodecError("an unknown version"));
        }
        let powerful = match bytes.u8()? {
            0 => false,
            1 => true,
            _ => return Err(CodecError("unknown flags")),
        };
        let (whole, scoped) = (bytes.u32()?, bytes.u32()?);
        if whole & scoped != 0 || (whole | scoped) >> Capability::COUNT != 0 {
            return Err(CodecError("contradictory or unknown capabilities"));
        }
        let mut scopes = Vec::new();
        for capability in Capability::ALL.into_iter().filter(|capability| scoped & bit(*capability) != 0) {
            let scope = bytes.list(|bytes| Pattern::decode(capability.value_kind(), bytes))?;
            if scope.is_empty() {
                return Err(CodecError("an empty list"));
            }
            scopes.push(scope);
        }
        let declared = bytes.list(|bytes| bytes.text().map(str::to_owned))?;
        bytes.finish()?;
        Ok(Self { whole, scoped, scopes, powerful, declared })
    }

    fn revoke(&mut self, capability: Capability) {
        let bit = bit(capability);
        if self.scoped & bit != 0 {
            self.scopes.remove((self.scoped & (bit - 1)).count_ones() as usize);
        }
        self.whole &= !bit;
        self.scoped &= !bit;
    }
}

const VERSION: u8 = 1;

const fn bit(capability: Capability) -> u32 {
    1 << capability.number()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::capability::ValueKind;

    fn value(kind: ValueKind) -> BoxedStrategy<String> {
        match kind {
            ValueKind::Flag => Just(String::new()).boxed(),
            ValueKind::Paths => "(\\$PKG|\\$APP|\\$TMP|)(/(\\*\\*|[ab*]{1,3})){1,4}".boxed(),
            ValueKind::Hosts => {
                "(\\*|[a-c]{1,3}\\.de|\\*\\.x\\.y|\\*\\*\\.z|10\\.0\\.0\\.0/8|1\\.2\\.3\\.4|\\[::1\\]|\\[fd00::/8\\]):(\\*|[1-9]{1,4})|unix:/[ab*]{1,2}"
                    .boxed()
            }
            ValueKind::Names => "[A-C_]{1,4}\\*?".boxed(),
            ValueKind::Commands => "(git|node|shell|/bin/[ab*]|\\$PKG/x)( (-[a-c]|\\$PKG/[ab]))?".boxed(),
            ValueKind::Words => "exit|kill|stdin".boxed(),
            ValueKind::Packages => "[a-c]{1,3}|@s/[a-c]|node_modules/a/node_modules/[bc]".boxed(),
            ValueKind::Specifiers => "[a-c]{1,3}(/x)?".boxed(),
        }
    }

    fn grants() -> impl Strategy<Value = Grants> {
        let each: Vec<_> = Capability::ALL
            .into_iter()
            .map(|capability| (0..4u8, prop::collection::vec(value(capability.value_kind()), 0..4)))
            .collect();
        (each, any::<bool>(), prop::collection::vec("[a-c]{1,2}", 0..4)).prop_map(
            |(each, powerful, declared)| {
                let mut grants = Grants::default();
                for (capability, (kind, values)) in Capability::ALL.into_iter().zip(each) {
                    let values =
                        values.iter().filter_map(|text| Pattern::parse(capability.value_kind(), text).ok());
                    match kind {
                        0 => grants.grant_whole(capability),
                        1 => grants.grant_scoped(capability, values.collect()),
                        _ => {}
                    }
                }
                grants.set_powerful(powerful);
                grants.set_declared(declared);
                grants
            },
        )
    }

    proptest! {
        #[test]
        fn writing_and_reading_is_identity(grants in grants()) {
            prop_assert_eq!(Grants::decode(&grants.encode()).unwrap(), grants);
        }

        #[test]
        fn what_is_read_is_what_would_be_written(grants in grants(), at in any::<prop::sample::Index>(), byte: u8) {
            let mut bytes = grants.encode();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(read) = Grants::decode(&bytes) {
                prop_assert_eq!(&read.encode(), &bytes);
            }
            bytes.truncate(at);
            prop_assert!(Grants::decode(&bytes).is_err());
        }

        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(grants) = Grants::decode(&bytes) {
                let _ = grants.permits(Capability::FsRead, "/x", &Places::default());
            }
        }

        #[test]
        fn patterns_are_written_as_they_are_read(grants in grants()) {
            for capability in Capability::ALL {
                for pattern in grants.values(capability) {
                    let again = Pattern::parse(capability.value_kind(), &pattern.to_string());
                    prop_assert_eq!(again.as_ref(), Ok(pattern));
                    prop_assert!(pattern.covers(pattern));
                }
            }
        }
    }

    #[test]
    fn kinds_and_values() {
        let mut grants = Grants::default();
        let pattern = |capability: Capability, text| Pattern::parse(capability.value_kind(), text).unwrap();
        grants.grant_scoped(Capability::Imports, vec![pattern(Capability::Imports, "a")]);
        grants.grant_scoped(Capability::Env, vec![pattern(Capability::Env, "A_*")]);
        grants.grant_whole(Capability::FsRead);
        assert_eq!(grants.kind(Capability::FsRead), GrantKind::Whole);
        assert_eq!(grants.kind(Capability::FsWrite), GrantKind::Denied);
        assert_eq!(grants.values(Capability::Env)[0].to_string(), "A_*");
        assert_eq!(grants.values(Capability::Imports)[0].to_string(), "a");
        assert!(grants.permits(Capability::Env, "A_B", &Places::default()));
        assert!(!grants.permits(Capability::Env, "B", &Places::default()));
        assert!(grants.has_power());
        grants.grant_whole(Capability::Env);
        assert_eq!(grants.values(Capability::Imports)[0].to_string(), "a");
        grants.grant_scoped(Capability::FsRead, Vec::new());
        assert_eq!(grants.kind(Capability::FsRead), GrantKind::Denied);
        assert!(!grants.has_power());
    }

    #[test]
    fn edges() {
        let path = |text: &str| ModulePath::parse(text).unwrap();
        let (own, target) = (path("node_modules/a"), path("node_modules/b"));
        let mut grants = Grants::default();
        grants.set_declared(["b".to_owned(), "@s/c".to_owned()]);
        for (specifier, declared) in [
            ("b", true),
            ("b/x", true),
            ("@s/c/x", true),
            ("@s", false),
            ("./b", false),
            ("bb", false),
            ("/b", false),
        ] {
            assert_eq!(grants.declares(specifier), declared, "{specifier}");
        }
        assert!(grants.edge_permitted(&own, &own, true, false));
        assert!(grants.edge_permitted(&own, &target, false, true));
        assert!(!grants.edge_permitted(&own, &target, true, true));
        assert!(!grants.edge_permitted(&own, &target, false, false));
        grants.grant_scoped(Capability::Imports, vec![Pattern::Exact("node_modules/b".into())]);
        assert!(grants.edge_permitted(&own, &target, true, false));
        assert!(!grants.edge_permitted(&own, &path("node_modules/c"), false, false));
    }
}
