//! Text that is the same at every run: words as frequent as in a real language, some code, some Chinese and Japanese.

const WORDS: usize = 60_000;
const HAN: usize = 3_000;
const EACH: usize = 25;

/// Queries of one kind.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The last word is a beginning.
    pub(crate) typing: bool,
    pub(crate) texts: Vec<String>,
}

/// Makes the text of any message by its number.
pub(crate) struct Corpus {
    words: Vec<String>,
    /// Sums of 1 / rank, to draw by.
    weights: Vec<f64>,
    han_weights: Vec<f64>,
}

struct Dice(u64);

impl Dice {
    /// SplitMix64: the neighbours of a seed have nothing in common.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Rank 0 is the most frequent.
    fn rank(&mut self, weights: &[f64]) -> usize {
        let total = weights.last().copied().unwrap_or(1.0);
        let drawn = (self.next() >> 11) as f64 / (1_u64 << 53) as f64 * total;
        weights.partition_point(|sum| *sum < drawn).min(weights.len() - 1)
    }
}

fn weights(count: usize) -> Vec<f64> {
    // Of a real language the first ranks are a little less frequent than 1 / rank.
    let mut sum = 0.0;
    (0..count)
        .map(|rank| {
            sum += 1.0 / (rank as f64 + 2.7);
            sum
        })
        .collect()
}

fn word(rank: usize) -> String {
    const ONSETS: [&str; 18] =
        ["b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "ch", "qu"];
    const VOWELS: [&str; 6] = ["a", "e", "i", "o", "u", "ea"];
    const CODAS: [&str; 7] = ["", "n", "r", "s", "t", "l", "nd"];
    let mut dice = Dice(rank as u64);
    let syllables = if rank < 60 { 1 } else { 2 + dice.below(2) };
    let mut text = String::new();
    for _ in 0..syllables {
        text.push_str(ONSETS[dice.below(ONSETS.len())]);
        text.push_str(VOWELS[dice.below(VOWELS.len())]);
        text.push_str(CODAS[dice.below(CODAS.len())]);
    }
    text
}

impl Corpus {
    pub(crate) fn new() -> Self {
        Self { words: (0..WORDS).map(word).collect(), weights: weights(WORDS), han_weights: weights(HAN) }
    }

    fn prose(&self, dice: &mut Dice, words: usize, into: &mut String) {
        for nth in 0..words {
            if nth > 0 {
                into.push_str(match dice.below(14) {
                    0 => ". ",
                    1 => ", ",
                    _ => " ",
                });
            }
            into.push_str(&self.words[dice.rank(&self.weights)]);
        }
        into.push('.');
    }

    fn identifier(&self, dice: &mut Dice) -> String {
        let parts: Vec<&str> = (0..2 + dice.below(2)).map(|_| self.words[dice.rank(&self.weights)].as_str()).collect();
        if dice.below(2) == 0 {
            return parts.join("_");
        }
        let upper = |part: &&str| part[..1].to_uppercase() + &part[1..];
        parts[0].to_owned() + &parts[1..].iter().map(upper).collect::<String>()
    }

    fn han(&self, dice: &mut Dice, characters: usize, into: &mut String) {
        for nth in 0..characters {
            // Spread over the block, so that neighbours in rank are no neighbours in code.
            let code = 0x4E00 + (dice.rank(&self.han_weights) * 7 % 20_000) as u32;
            into.push(char::from_u32(code).unwrap_or('一'));
            if nth % 17 == 16 {
                into.push('。');
            }
        }
    }

    /// The text of a message: prompts are short, answers long.
    pub(crate) fn message(&self, number: i64) -> String {
        let mut dice = Dice(number as u64 ^ 0x5EED_0000_0000);
        let mut text = String::new();
        let length = if number % 2 == 0 { 10 + dice.below(30) } else { 40 + dice.below(180) };
        match dice.below(100) {
            0..8 => self.han(&mut dice, length * 2, &mut text),
            8..20 => {
                self.prose(&mut dice, length / 2, &mut text);
                text.push_str("\n\n```rust\n");
                for _ in 0..length / 10 + 1 {
                    let (left, right) = (self.identifier(&mut dice), self.identifier(&mut dice));
                    text.push_str(&format!(
                        "let {left} = self.{right}({}, &p{});\n",
                        dice.below(1000),
                        dice.below(100)
                    ));
                }
                text.push_str("```\n");
            }
            _ => self.prose(&mut dice, length, &mut text),
        }
        text
    }

    fn of_texts(&self, first: i64, mut pick: impl FnMut(&str) -> Option<String>) -> Vec<String> {
        (first..).step_by(37).filter_map(|number| pick(&self.message(number))).take(EACH).collect()
    }

    /// Every kind of query; each word of them is in the corpus.
    pub(crate) fn queries(&self) -> Vec<Kind> {
        let kind = |name, typing, texts| Kind { name, typing, texts };
        let at =
            |first: usize, step: usize| (0..EACH).map(|n| self.words[first + n * step].clone()).collect::<Vec<_>>();
        let (common, middle, rare) = (at(0, 3), at(300, 40), at(20_000, 1_500));
        let both = |a: &[String], b: &[String]| a.iter().zip(b).map(|(a, b)| format!("{a} {b}")).collect::<Vec<_>>();
        let run = |text: &str, length: usize| {
            let words: Vec<&str> = text.lines().next()?.split(' ').skip(4).take(length).collect();
            let plain = words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase()));
            (plain && words.len() == length).then(|| format!("\"{}\"", words.join(" ")))
        };
        let han = |text: &str, from: usize| {
            let pair: String = text.chars().skip(from).take(2).collect();
            pair.chars().all(|c| c as u32 >= 0x4E00).then_some(pair).filter(|pair| pair.chars().count() == 2)
        };
        let beginnings = |length: usize| {
            let long = at(100, 60).into_iter().filter(|word| word.len() >= length);
            long.map(|word| word[..length].to_owned()).collect::<Vec<_>>()
        };
        let identifier = |text: &str| Some(text.split_once("\nlet ")?.1.split_once(' ')?.0.to_owned());
        vec![
            kind("rare word", false, rare.clone()),
            kind("common word", false, common.clone()),
            kind("two common words", false, both(&common, &at(1, 4))),
            kind("common and rare", false, both(&common, &rare)),
            kind("three words", false, both(&both(&common, &middle), &at(50, 7))),
            kind("phrase of two", false, self.of_texts(11, |text| run(text, 2))),
            kind("phrase of three", false, self.of_texts(15, |text| run(text, 3))),
            kind("prefix of two", true, middle.iter().map(|word| word[..2].to_owned()).collect()),
            kind("prefix of three", true, middle.iter().map(|word| word[..3].to_owned()).collect()),
            kind("prefix of four", true, beginnings(4)),
            kind("prefix of five", true, beginnings(5)),
            kind(
                "word and prefix",
                true,
                both(&common, &middle.iter().map(|word| word[..3].to_owned()).collect::<Vec<_>>()),
            ),
            kind("two Han characters", false, self.of_texts(5, |text| han(text, 3))),
            kind("two Han, typed", true, self.of_texts(9, |text| han(text, 5))),
            kind(
                "one Han character",
                true,
                self.of_texts(3, |text| han(text, 1).map(|pair| pair.chars().take(1).collect())),
            ),
            kind("identifier", false, self.of_texts(7, identifier)),
            kind(
                "identifier, typed",
                true,
                self.of_texts(13, |text| identifier(text).map(|name| name[..name.len() - 1].to_owned())),
            ),
            kind(
                "with filters",
                false,
                common.iter().map(|word| format!("{word} from:you has:code after:2024-06-01")).collect(),
            ),
        ]
    }
}
