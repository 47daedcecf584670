//! Where another model goes on with a text: takes out what it says again.

/// How much of the kept text's end is looked at, in characters, a run of white space being one.
const REACH: usize = 400;
/// The most that is held back, in bytes: white space without end is no repetition.
const MOST_HELD: usize = 8 * REACH;
/// A repetition of this many characters is one wherever it begins.
const PLAIN: usize = 8;
/// A shorter one of several words begins where a word does, and has so many letters or digits.
const TELLING: usize = 5;
/// A single short word may be meant twice. It is said again where the kept text broke off within it, after so many
/// letters.
const BROKEN: usize = 3;

/// Reads what a continuing model says and leaves out what it begins with if that is how the kept text ends. White space
/// is like any other white space, for a model that says a line again may break it elsewhere.
#[derive(Debug)]
pub struct Seam {
    /// The end of the kept text, each run of white space as one space, and none at its end.
    tail: String,
    /// The white space that the kept text ends with.
    margin: String,
    /// Places of the tail, in bytes, from where on it says the same as what is held. All places once.
    open: Vec<usize>,
    /// What came and may yet be a repetition.
    held: String,
    /// How much of the tail it comes to, in bytes.
    said: usize,
    /// How much of it is a repetition, in bytes.
    trimmed: usize,
    /// How much of the margin was said again right behind that, in bytes, as long as it may go on.
    in_margin: Option<usize>,
    /// The same as `trimmed`, if the word goes on.
    if_goes_on: Option<usize>,
    decided: bool,
}

impl Seam {
    /// After this text.
    pub fn after(kept: &str) -> Self {
        let words = kept.trim_end();
        // One character more tells whether a word begins at the first place.
        let mut tail: Vec<char> = Spaced::of(words.chars().rev()).take(REACH + 1).collect();
        tail.reverse();
        let skipped = usize::from(tail.len() > REACH);
        let tail = String::from_iter(tail);
        let open: Vec<usize> = tail.char_indices().map(|(at, _)| at).skip(skipped).collect();
        Self {
            decided: open.is_empty(),
            tail,
            margin: kept[words.len()..].to_owned(),
            open,
            held: String::new(),
            said: 0,
            trimmed: 0,
            in_margin: None,
            if_goes_on: None,
        }
    }

    /// More came. Returns what is to be shown and kept now; `None` where that is nothing.
    pub fn push(&mut self, delta: &str) -> Option<String> {
        if self.decided {
            return some(delta.to_owned());
        }
        for (at, said) in delta.char_indices() {
            self.say(said);
            let open = !self.open.is_empty() || self.in_margin.is_some() || self.if_goes_on.is_some();
            if !open || self.held.len() > MOST_HELD {
                self.held.push_str(&delta[at + said.len_utf8()..]);
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

    /// One more character: keeps the places that go on saying the same, and notes those that come to the end of the
    /// tail. The later such a place is noted, the longer is its repetition.
    fn say(&mut self, said: char) {
        let goes_on = said.is_whitespace() && self.held.ends_with(char::is_whitespace);
        self.held.push(said);
        self.in_margin = self.in_margin.and_then(|at| self.behind(at, said));
        if let Some(broken) = self.if_goes_on.take().filter(|_| said.is_alphanumeric()) {
            self.trimmed = broken;
        }
        if goes_on {
            return;
        }
        let mut bytes = [0; 4];
        let unit: &str = if said.is_whitespace() { " " } else { said.encode_utf8(&mut bytes) };
        let (tail, at) = (&self.tail, self.said);
        self.open.retain(|from| tail.as_bytes()[from + at..].starts_with(unit.as_bytes()));
        self.said += unit.len();
        if let Some(place) = self.open.iter().position(|from| from + self.said == self.tail.len()) {
            let from = self.open.swap_remove(place);
            match tells(&self.tail, from) {
                Tells::Again => {
                    self.trimmed = self.held.len();
                    self.in_margin = (!self.margin.is_empty()).then_some(0);
                }
                Tells::AgainIfBroken if self.margin.is_empty() => self.if_goes_on = Some(self.held.len()),
                Tells::AgainIfBroken | Tells::Nothing => {}
            }
        }
    }

    /// The margin stands there already, so as much of it as is said again goes, too.
    fn behind(&mut self, at: usize, said: char) -> Option<usize> {
        if !self.margin[at..].starts_with(said) {
            return None;
        }
        self.trimmed += said.len_utf8();
        Some(at + said.len_utf8()).filter(|at| *at < self.margin.len())
    }
}

/// Characters with each run of white space as one space.
struct Spaced<I> {
    chars: I,
    in_space: bool,
}

impl<I: Iterator<Item = char>> Spaced<I> {
    fn of(chars: I) -> Self {
        Self { chars, in_space: false }
    }
}

impl<I: Iterator<Item = char>> Iterator for Spaced<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            let next = self.chars.next()?;
            let space = next.is_whitespace();
            if !(space && std::mem::replace(&mut self.in_space, space)) {
                self.in_space = space;
                return Some(if space { ' ' } else { next });
            }
        }
    }
}

/// What it says that the end of the tail came again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    /// It is a repetition.
    Again,
    /// It is one where the word is not at its end.
    AgainIfBroken,
    /// It is chance, or meant: a bracket, a rule of dashes, a letter or a short word is said twice for good reasons.
    Nothing,
}

fn tells(tail: &str, from: usize) -> Tells {
    let (before, again) = tail.split_at(from);
    let telling = again.chars().filter(|c| c.is_alphanumeric()).count();
    let word_begins = !(before.ends_with(char::is_alphanumeric) && again.starts_with(char::is_alphanumeric));
    let words = again.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    match telling {
        0 => Tells::Nothing,
        _ if again.chars().count() >= PLAIN => Tells::Again,
        TELLING.. if word_begins && words > 1 => Tells::Again,
        BROKEN.. if word_begins && again.ends_with(char::is_alphanumeric) => Tells::AgainIfBroken,
        _ => Tells::Nothing,
    }
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
            // White space is like any other.
            ("The sky is blue because", "is\nblue  because\nof light", "\nof light"),
            ("The sky\nis\n\nblue", " is blue of", " of"),
            ("The sky is blue\n", "is blue\n\nIt is", "\nIt is"),
            ("The sky is blue\n\n", "is blue\nIt is", "It is"),
            ("The sky is blue ", "The sky is blue of", "of"),
            ("The sky is blue ", "The sky is blue\nof", "\nof"),
            // A short word is meant twice.
            ("It was very", " very good", " very good"),
            ("It was very", "very good", "very good"),
            ("No, no", "no, no, he said", "no, no, he said"),
            ("He said that", "that is so", "that is so"),
            ("It was very ", "very good", "very good"),
            ("It was ver", "very good", "y good"),
            ("It was very", "very", "very"),
            ("so it is blue", "is blue of light", " of light"),
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

    fn spaced(text: &str) -> String {
        Spaced::of(text.chars()).collect()
    }

    /// The longest repetition, worked out in the plainest way, with what of the margin follows it.
    fn overlap(kept: &str, more: &str) -> usize {
        let words = kept.trim_end();
        let (tail, margin) = (spaced(words), &kept[words.len()..]);
        let ends = more.char_indices().filter(|(_, c)| !c.is_whitespace()).map(|(at, c)| at + c.len_utf8());
        let fits = |end: &usize| {
            let again = spaced(&more[..*end]);
            let chars = again.chars().count();
            let goes_on = more[*end..].starts_with(char::is_alphanumeric);
            tail.ends_with(&again)
                && chars <= REACH
                && match tells(&tail, tail.len() - again.len()) {
                    Tells::Again => true,
                    Tells::AgainIfBroken => margin.is_empty() && goes_on,
                    Tells::Nothing => false,
                }
        };
        let Some(end) = ends.filter(fits).max() else { return 0 };
        let again = margin.chars().zip(more[end..].chars()).take_while(|(a, b)| a == b);
        end + again.map(|(c, _)| c.len_utf8()).sum::<usize>()
    }

    proptest! {
        #[test]
        fn a_repetition_is_one_however_its_lines_are_broken(
            kept in "[a-z]{1,9}( [a-z]{1,9}){2,30}",
            words in 2_usize..20,
            breaks in prop::collection::vec(prop::sample::select(vec![" ", "\n", "  ", "\n\n", "\t"]), 20),
            new in "[A-Z]{1,9}( [a-z]{1,9}){0,9}",
        ) {
            let all: Vec<&str> = kept.split(' ').collect();
            let again = &all[all.len().saturating_sub(words)..];
            prop_assume!(again.iter().map(|word| word.len()).sum::<usize>() >= PLAIN);
            let mut said = String::new();
            for (word, space) in again.iter().zip(&breaks) {
                said.push_str(word);
                said.push_str(space);
            }
            let said = said.trim_end();
            let more = format!("{said} {new}");
            // One that is longer, by chance, would begin with the same words.
            prop_assert_eq!(shown(&kept, &[&more]), (format!(" {new}"), said.len(), shown(&kept, &[&more]).2));
        }
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::collection::vec(prop::sample::select(vec!["a", "b", " ", "é"]), 0..40).prop_map(|v| v.concat()),
            prop::collection::vec(prop::sample::select(vec!["the", "sky", " ", "is", "青", ".", "\n", "\n\n"]), 0..30)
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
