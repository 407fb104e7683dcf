//! Byte offsets to lines, as V8 counts them.

/// Where the lines of a text start. Lines count from 1.
pub(super) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        let mut start = |at: usize| starts.push(u32::try_from(at).unwrap_or(u32::MAX));
        if text.is_ascii() && !text.contains('\r') {
            // Nearly every file, and a search that looks at a word at a time.
            text.match_indices('\n').for_each(|(at, _)| start(at + 1));
            return Self { starts };
        }
        for (at, &byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                // The last byte of U+2028 and U+2029.
                0xA8 | 0xA9 => at >= 2 && bytes[at - 2..at] == [0xE2, 0x80],
                _ => false,
            };
            if ends_line {
                start(at + 1);
            }
        }
        Self { starts }
    }

    pub(super) fn line(&self, offset: u32) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn every_line_terminator_counts_once() {
        let text = "a\nb\r\nc\rd\u{2028}e\u{2029}f";
        let lines = Lines::new(text);
        let found: Vec<u32> =
            "abcdef".chars().map(|letter| lines.line(text.find(letter).unwrap() as u32)).collect();
        assert_eq!(found, [1, 2, 3, 4, 5, 6]);
        let lines = Lines::new("a\n\nb");
        assert_eq!([0, 1, 2, 3].map(|offset| lines.line(offset)), [1, 1, 2, 3]);
    }
}
