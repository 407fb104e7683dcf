//! "Did you mean …?"

/// The word that `text` was probably meant to be.
#[must_use]
pub fn nearest<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing is quadratic; nobody mistypes a word this long.
    if text.len() > MAX_LEN {
        return None;
    }
    let lower = text.to_lowercase();
    words
        .filter(|word| word.len() <= MAX_LEN)
        .map(|word| (strsim::jaro_winkler(&lower, &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(one.1)))
        .map(|(_, word)| word)
}

const MAX_LEN: usize = 214;
const LIKE: f64 = 0.85;
