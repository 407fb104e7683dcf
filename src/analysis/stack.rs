//! Room for a recursive parser, and a recursive walk over what it made, on hostile input.
//!
//! The parser recurses once per nested construct and has no limit of its own: a file of brackets would overflow the
//! stack, which cannot be caught. So the deepest nesting that a text *could* hold is bounded by counting bytes, without
//! reading it as JavaScript, and the work gets a stack of that size. Stack memory is only used when touched: an
//! ordinary file costs no more than it needs.

use std::cell::Cell;
use std::thread;

/// Why there was no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    /// No program is written like that, and V8 refuses far less.
    TooDeep,
    /// The bound is larger than the largest stack we ask for, or the system refused the stack.
    TooLarge,
    /// `work` itself panicked on its own stack.
    Panicked,
}

/// Runs `work` where `source` can be parsed without overflowing the stack.
pub(super) fn with_room<T: Send>(source: &str, work: impl FnOnce() -> T + Send) -> Result<T, NoRoom> {
    let bound = Bound::of(source.as_bytes());
    if bound.depth > MAX_DEPTH {
        return Err(NoRoom::TooDeep);
    }
    if bound.stack <= ROOM.get() {
        return Ok(work());
    }
    if bound.stack > LARGEST {
        return Err(NoRoom::TooLarge);
    }
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("loadlock-parse".into()).stack_size(bound.stack + INLINE);
        let thread = builder.spawn_scoped(scope, work).map_err(|_| NoRoom::TooLarge)?;
        thread.join().map_err(|_| NoRoom::Panicked)
    })
}

/// Runs `work` where rayon's threads have stacks that suffice for nearly every file: a thread for each would cost more than
/// the parse of most.
pub fn on_large_stacks<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(LARGE + INLINE)
        .thread_name(|_| "loadlock-seal".to_owned())
        .start_handler(|_| ROOM.set(LARGE))
        .build();
    match pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

thread_local! {
    /// What this thread is trusted to have left.
    static ROOM: Cell<usize> = const { Cell::new(INLINE) };
}

/// Brackets that are open at once. Published code stays below 500, V8 gives up between 500 and 3,300. The parser tries
/// some productions twice, at a memory cost that grows with the square of the depth: more would be no kindness.
const MAX_DEPTH: usize = 2048;

/// What any calling thread is trusted to have left. Threads of the standard library and of rayon start with 2 MiB.
const INLINE: usize = 1 << 20;

/// What the threads of [`on_large_stacks`] have. Only touched pages count.
const LARGE: usize = if size_of::<usize>() >= 8 { 64 << 20 } else { INLINE };

const LARGEST: usize = if size_of::<usize>() >= 8 { 1 << 32 } else { 1 << 28 };

/// Frames of an unoptimised build are up to twice as large, measured; one more for safety.
const SCALE: usize = if cfg!(debug_assertions) { 3 } else { 1 };

struct Bound {
    /// Bytes of stack that parsing can take at most.
    stack: usize,
    /// Brackets open at once, if none of them stood in a string or comment.
    depth: usize,
}

impl Bound {
    /// Without branches: this loop sees every byte that is sealed.
    fn of(source: &[u8]) -> Self {
        let (mut cost, mut depth, mut deepest) = (0_usize, 0_i32, 0_i32);
        let mut in_name = 0_u32;
        let mut see = |byte: u8, next: u8| {
            let (this, after) = (&BYTES[usize::from(byte)], &BYTES[usize::from(next)]);
            // In an empty pair nothing is parsed.
            cost += if this.nesting - after.nesting == 2 { LINK } else { this.cost as usize };
            let prefix_word = (this.second_letters >> (next & 31)) & !in_name & 1;
            cost += OPERATOR * prefix_word as usize;
            in_name = this.name;
            depth = (depth + this.nesting).max(0);
            deepest = deepest.max(depth);
        };
        for pair in source.windows(2) {
            see(pair[0], pair[1]);
        }
        source.last().into_iter().for_each(|&last| see(last, b' '));
        Self { stack: cost * SCALE, depth: usize::try_from(deepest).unwrap_or(usize::MAX) }
    }
}

#[derive(Clone, Copy)]
struct Byte {
    cost: u32,
    nesting: i32,
    /// 1 if it may be part of a name.
    name: u32,
    /// Bits of the letters that may follow in one of the `PREFIX_WORDS`. Other characters share these bits: too many
    /// matches do no harm.
    second_letters: u32,
}

static BYTES: [Byte; 256] = {
    let mut bytes = [Byte { cost: 0, nesting: 0, name: 0, second_letters: 0 }; 256];
    let mut index = 0;
    while index < 256 {
        let byte = index as u8;
        let (cost, nesting) = match byte {
            b'(' | b'[' | b'{' => (OPENER, 1),
            b')' | b']' | b'}' => (0, -1),
            b'`' | b'<' => (OPENER, 0),
            b'=' => (ARROW, 0),
            b'?' | b':' | b'*' | b'@' | b'|' | b'&' => (OPERATOR, 0),
            b'!' | b'~' | b'+' | b'-' => (PREFIX, 0),
            b'.' | b'>' | b'^' | b'%' | b'/' => (LINK, 0),
            _ => (0, 0),
        };
        let name = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
        bytes[index] = Byte { cost: cost as u32, nesting, name: name as u32, second_letters: 0 };
        index += 1;
    }
    let mut word = 0;
    while word < PREFIX_WORDS.len() {
        let [first, second] = PREFIX_WORDS[word];
        bytes[first as usize].second_letters |= 1 << (second & 31);
        word += 1;
    }
    bytes
};

// Bytes of stack per nested construct, measured on the optimised parser and rounded up; the test below holds them.
const OPENER: usize = 2304;
const ARROW: usize = 1200;
const OPERATOR: usize = 800;
const PREFIX: usize = 160;
/// What the parser takes in a loop, but leaves nested: `a.b.c`, `a / b / c`, `a()()()`. The walk over it needs 80 bytes
/// for each.
const LINK: usize = 160;

/// How the words begin that take an operand, body or statement to their right: as, asserts, await, class, delete, do,
/// else, extends, function, infer, is, keyof, new, readonly, satisfies, typeof, unique, void, yield.
#[rustfmt::skip]
const PREFIX_WORDS: [[u8; 2]; 18] = [
    *b"as", *b"aw", *b"cl", *b"de", *b"do", *b"el", *b"ex", *b"fu", *b"in",
    *b"is", *b"ke", *b"ne", *b"re", *b"sa", *b"ty", *b"un", *b"vo", *b"yi",
];

#[cfg(test)]
mod tests {
    use super::super::{Goal, Language, analyse};
    use super::{MAX_DEPTH, NoRoom, with_room};

    /// Every recursive production of the grammar, as what stands before and behind the nested part.
    const NESTED: [(&str, &str); 59] = [
        ("[", "]"),
        ("(", ")"),
        ("!", ""),
        ("+ ", ""),
        ("a=>", ""),
        ("async()=>", ""),
        ("a?b:", ""),
        ("a?", ":b"),
        ("{", "}"),
        ("if(a)", ""),
        ("if(a);else ", ""),
        ("for(;;)", ""),
        ("while(a)", ""),
        ("do ", ";while(0)"),
        ("do ", ""),
        ("try{", "}catch(e){}"),
        ("switch(a){case 1:", "}"),
        ("a:", ""),
        ("a**", ""),
        ("a=", ""),
        ("a+=", ""),
        ("a+", ""),
        ("a.", ""),
        ("`${", "}`"),
        ("a`${", "}`"),
        ("class extends ", "{}"),
        ("(class{a=", "})"),
        ("(function(){", "})()"),
        ("function f(){", "}"),
        ("a(", ")"),
        ("a?.[", "]"),
        ("({a:", "})"),
        ("({a=", "}=b)"),
        ("[a=", "]=b"),
        ("var [a=", "]=b;"),
        ("var {a:[b=", "]}=b;"),
        ("new ", ""),
        ("typeof ", ""),
        ("yield ", ""),
        ("await ", ""),
        ("a||(", ")"),
        ("import(", ")"),
        ("...", ""),
        ("async function*f(a=", "){}"),
        ("with(a)", ""),
        ("@a(", ") class {}"),
        ("", ".a"),
        ("", "()"),
        ("", "[0]"),
        ("", "?.a"),
        ("", "`a`"),
        ("", "*a"),
        ("", "+a"),
        ("", "/a"),
        ("", "%a"),
        ("", "^a"),
        ("", ">a"),
        ("", " in a"),
        ("", "&&a"),
    ];

    /// The same for types.
    const NESTED_TYPES: [(&str, &str); 11] = [
        ("A<", ">"),
        ("()=>", ""),
        ("keyof ", ""),
        ("readonly ", "[]"),
        ("A extends B?C:", ""),
        ("{a:", "}"),
        ("[", "]"),
        ("A|(", ")"),
        ("typeof a<", ">"),
        ("", "[]"),
        ("", ".a"),
    ];

    /// An overflow ends the process: this test passes by ending.
    #[test]
    fn nesting_does_not_overflow() {
        let cases = NESTED
            .map(|nested| ("", nested))
            .into_iter()
            .chain(NESTED_TYPES.map(|nested| ("type T = ", nested)));
        for (head, (before, after)) in cases {
            for depth in [100, MAX_DEPTH / 4, 10_000] {
                let (open, close) = (before.repeat(depth), after.repeat(depth));
                for source in [format!("{head}{open}x{close}"), format!("{head}{open}")] {
                    for language in [Language::JavaScript, Language::TypeScript] {
                        let _ = analyse(source.as_bytes(), Goal::Ambiguous, language);
                    }
                }
            }
        }
    }

    #[test]
    fn refuses_what_nobody_writes() {
        let source = "[".repeat(MAX_DEPTH + 1);
        assert_eq!(with_room(&source, || ()), Err(NoRoom::TooDeep));
        assert_eq!(with_room(&"[a]".repeat(MAX_DEPTH + 1), || 1), Ok(1));
    }

    #[test]
    fn a_panic_on_the_large_stack_is_a_result() {
        let source = "(a)".repeat(4_000);
        assert_eq!(with_room(&source, || panic!("expected by this test")), Err::<(), _>(NoRoom::Panicked));
    }
}
