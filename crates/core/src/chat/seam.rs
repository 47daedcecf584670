//! Where another model goes on with a text: takes out what it says again.

/// How much of the kept text's end is looked at, in characters, and so the most that is held back.
const REACH: usize = 400;
/// A repetition of this many characters is one wherever it begins.
const PLAIN: usize = 8;
/// A shorter one has at least this many letters or digits, and begins where a word does.
const WORD: usize = 3;

/// Reads what a continuing model says and leaves out what it begins with if that is how the kept text ends.
#[derive(Debug)]
pub struct Seam {
    /// The end of the kept text.
    tail: String,
    /// Places of the tail, in bytes, from where on it says the same as what is held. All places once.
    open: Vec<usize>,
    /// What came and may yet be a repetition.
    held: String,
    /// How much of it is one, in bytes.
    trimmed: usize,
    decided: bool,
}

impl Seam {
    /// After this text.
    pub fn after(kept: &str) -> Self {
        // One character more tells whether a word begins at the first place.
        let mut places = kept.char_indices().rev().map(|(at, _)| at);
        let from = places.by_ref().take(REACH + 1).last().unwrap_or(0);
        let tail = kept[from..].to_owned();
        let skipped = usize::from(tail.chars().count() > REACH);
        let open: Vec<usize> = tail.char_indices().map(|(at, _)| at).skip(skipped).collect();
        Self { decided: open.is_empty(), tail, open, held: String::new(), trimmed: 0 }
    }

    /// More came. Returns what is to be shown and kept now; `None` where that is nothing.
    pub fn push(&mut self, delta: &str) -> Option<String> {
        if self.decided {
            return some(delta.to_owned());
        }
        let before = self.held.len();
        self.held.push_str(delta);
        for (at, byte) in delta.bytes().enumerate() {
            self.say(before + at, byte);
            if self.open.is_empty() {
                return self.finish();
            }
        }
        None
    }

    /// Nothing more comes. Returns what was held back and is no repetition.
    pub fn finish(&mut self) -> Option<String> {
        if self.decided {
            return None;
        }
        self.decided = true;
        self.open = Vec::new();
        some(std::mem::take(&mut self.held).split_off(self.trimmed))
    }

    /// How much was left out, in bytes; final once something was handed on or nothing more comes.
    pub fn trimmed(&self) -> usize {
        self.trimmed
    }

    /// The held text's byte at this place: keeps the places that go on saying the same, and notes those that come to
    /// the end of the tail. The later such a place is noted, the longer is its repetition.
    fn say(&mut self, at: usize, byte: u8) {
        let tail = self.tail.as_bytes();
        self.open.retain(|from| tail.get(from + at) == Some(&byte));
        if let Some(place) = self.open.iter().position(|from| from + at + 1 == tail.len()) {
            let from = self.open.swap_remove(place);
            if is_repetition(&self.tail, from) {
                self.trimmed = at + 1;
            }
        }
    }
}

/// Whether it says enough to be no chance: a bracket, a rule of dashes or a letter is said twice for good reasons.
fn is_repetition(tail: &str, from: usize) -> bool {
    let (before, again) = tail.split_at(from);
    let telling = again.chars().filter(|c| c.is_alphanumeric()).count();
    let word_begins =
        !(before.ends_with(char::is_alphanumeric) && again.starts_with(char::is_alphanumeric)) && telling >= WORD;
    telling > 0 && (again.chars().count() >= PLAIN || word_begins)
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is shown where a model goes on in these pieces, what was left out, and the most that was held back.
    fn shown(kept: &str, pieces: &[&str]) -> (String, usize, usize) {
        let mut seam = Seam::after(kept);
        let (mut told, mut came, mut held) = (String::new(), 0, 0);
        for piece in pieces {
            came += piece.chars().count();
            told.extend(seam.push(piece));
            held = held.max(came - told.chars().count());
        }
        told.extend(seam.finish());
        assert_eq!(seam.finish(), None, "nothing is told twice");
        (told, seam.trimmed(), held)
    }

    #[test]
    fn what_is_said_again_is_left_out_and_what_is_alike_by_chance_is_not() {
        for (kept, more, new) in [
            ("The sky is blue because", "The sky is blue because of light", " of light"),
            ("The sky is blue because", "blue because of light", " of light"),
            ("The sky is blue because", " because of light", " of light"),
            ("The sky is scatt", "scattering light", "ering light"),
            ("The sky is scatt", "ering light", "ering light"),
            ("Rayleigh scattering", "leigh scattering of", " of"),
            ("The sky is b", "blue", "blue"),
            ("to be or not to be", "or not", "or not"),
            ("I saw a", "a cat", "a cat"),
            ("Mississippi", "issippi", "issippi"),
            ("    }\n    }\n", "    }\n    }\n}", "    }\n    }\n}"),
            ("|---------", "---------|", "---------|"),
            ("Grüße aus Köln", "aus Köln und Bonn", " und Bonn"),
            ("空は青い。光が散乱するから", "光が散乱するからです", "です"),
            ("", "Hello", "Hello"),
            ("Hello there", "", ""),
            ("Hello there", "Hello there", ""),
            ("abc", "abd", "abd"),
            ("abcabcabc", "abcabcabcd", "d"),
        ] {
            let (told, trimmed, _) = shown(kept, &[more]);
            assert_eq!((told.as_str(), trimmed), (new, more.len() - new.len()), "{kept:?} then {more:?}");
        }
    }

    #[test]
    fn it_holds_back_only_what_may_be_a_repetition() {
        let mut seam = Seam::after("The sky is blue");
        assert_eq!(seam.push("sky "), None);
        assert_eq!(seam.push("is "), None);
        assert_eq!(seam.push("grey"), Some("sky is grey".into()), "not how the text ends");
        assert_eq!(seam.push(" sky is blue"), Some(" sky is blue".into()), "only the beginning is looked at");
        let long = "word ".repeat(10_000);
        let (told, trimmed, held) = shown(&long, &[long.as_str(); 3]);
        assert_eq!(told.len() + trimmed, 3 * long.len());
        assert!(trimmed <= REACH && held <= long.len(), "{trimmed} {held}");
        let letters: Vec<&str> = long.split_inclusive("").collect();
        assert!(shown(&long, &letters).2 <= REACH);
    }

    /// The longest repetition, worked out in the plainest way.
    fn overlap(kept: &str, more: &str) -> usize {
        let ends = more.char_indices().map(|(at, c)| at + c.len_utf8());
        let fits = |end: &usize| {
            let again = &more[..*end];
            let chars = again.chars().count();
            kept.ends_with(again) && chars <= REACH && is_repetition(kept, kept.len() - end)
        };
        ends.filter(fits).max().unwrap_or(0)
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::collection::vec(prop::sample::select(vec!["a", "b", " ", "é"]), 0..40).prop_map(|v| v.concat()),
            prop::collection::vec(prop::sample::select(vec!["the", "sky", " ", "is", "青", ".", "\n"]), 0..30)
                .prop_map(|v| v.concat()),
            any::<String>(),
            prop::collection::vec(prop::sample::select(vec!["ab", "ba", " "]), 300..500).prop_map(|v| v.concat()),
        ]
    }

    proptest! {
        #[test]
        fn in_whatever_pieces_it_comes_exactly_the_repetition_is_left_out(
            kept in text(),
            new in text(),
            repeated in prop::option::of(0.0_f64..1.0),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            // From nothing to all of the kept text is said again.
            let places: Vec<usize> = kept.char_indices().map(|(at, _)| at).chain([kept.len()]).collect();
            let from = repeated.map_or(kept.len(), |share| places[(share * (places.len() - 1) as f64) as usize]);
            let more = format!("{}{new}", &kept[from..]);
            let ends: Vec<usize> = more.char_indices().map(|(at, _)| at).collect();
            let mut cuts: Vec<usize> = cuts.iter().filter(|_| !ends.is_empty()).map(|cut| ends[cut.index(ends.len())]).collect();
            cuts.extend([0, more.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&str> = cuts.windows(2).map(|ends| &more[ends[0]..ends[1]]).collect();
            let (told, trimmed, _) = shown(&kept, &pieces);
            prop_assert_eq!(trimmed, overlap(&kept, &more));
            prop_assert_eq!(&told, &more[trimmed..], "nothing else is lost, and nothing is doubled");
        }
    }
}
