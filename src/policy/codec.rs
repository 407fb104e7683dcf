//! Bytes of sealed policy records: written once at seal, read strictly at start.

use thiserror::Error;

/// Why bytes are no policy record: only a faulty or foreign sealer can cause it, since the bytes were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a policy record is malformed: {0}")]
pub struct CodecError(pub &'static str);

/// Appends values.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, value: &[u8]) {
        self.0.extend_from_slice(value);
    }

    /// A count or length. What is longer than any honest one becomes a record that its reader refuses.
    pub(super) fn count(&mut self, count: usize) {
        self.u16(u16::try_from(count).unwrap_or(u16::MAX));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Takes values from the front.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, CodecError> {
        if bytes.len() > MAX_RECORD { Err(CodecError("too long")) } else { Ok(Self(bytes)) }
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(CodecError("truncated"))?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn u8(&mut self) -> Result<u8, CodecError> {
        Ok(u8::from_le_bytes(self.take()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, CodecError> {
        Ok(u16::from_le_bytes(self.take()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, CodecError> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, CodecError> {
        let len = usize::from(self.u16()?);
        let (head, rest) = self.0.split_at_checked(len).ok_or(CodecError("truncated"))?;
        self.0 = rest;
        std::str::from_utf8(head).map_err(|_| CodecError("text that is not UTF-8"))
    }

    /// A list in strictly ascending order, so that equal lists have equal bytes.
    pub(super) fn list<T: Ord>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Vec<T>, CodecError> {
        let mut list: Vec<T> = Vec::new();
        for _ in 0..self.u16()? {
            let next = item(self)?;
            if list.last().is_some_and(|last| *last >= next) {
                return Err(CodecError("a list that is not in order"));
            }
            list.push(next);
        }
        Ok(list)
    }

    pub(super) fn finish(self) -> Result<(), CodecError> {
        if self.0.is_empty() { Ok(()) } else { Err(CodecError("trailing bytes")) }
    }
}

/// No honest record comes near: the policy text itself is bounded lower.
const MAX_RECORD: usize = 4 << 20;
