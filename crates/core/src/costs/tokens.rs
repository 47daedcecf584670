//! Tokens of a text as models count them, for answers whose vendor did not: where a stream broke off, mostly.
//!
//! Every vendor has a vocabulary of its own and most keep it to themselves; OpenAI's newest is close to all of them.
//! Loading it takes some 0.3 s and 46 MB, so it is loaded off the async threads when it is first needed and given back
//! when it was not for a minute.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tiktoken_rs::{CoreBPE, tokenizer};

use super::guess::TextCount;

/// Texts that are shorter together are guessed: a few tokens more or less are not worth the loading. In bytes.
pub(crate) const SHORT: usize = 256;
/// Of longer texts the rest is reckoned to be like the beginning, so that none takes longer than 0.2 s. In bytes.
const MOST: usize = 192 << 10;
/// Texts are counted in pieces of so many bytes: on long runs the tokenizer takes the square of their length, and on
/// a million blanks it fails.
const PIECE: usize = 1 << 10;
/// How long a vocabulary is kept that nobody needs.
const KEEP: Duration = Duration::from_secs(60);

/// Which vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vocabulary {
    Cl100k,
    O200k,
}

impl Vocabulary {
    /// What a model counts with: the newest, but for models that are known to have the one before.
    fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        match tokenizer::get_tokenizer(name) {
            Some(tokenizer::Tokenizer::Cl100kBase) => Self::Cl100k,
            _ => Self::O200k,
        }
    }

    fn load(self) -> Option<CoreBPE> {
        let loaded = match self {
            Self::Cl100k => tiktoken_rs::cl100k_base(),
            Self::O200k => tiktoken_rs::o200k_base(),
        };
        loaded.inspect_err(|error| tracing::error!(%error, "the vocabulary could not be loaded")).ok()
    }
}

/// What is loaded, and how often it was asked for.
struct Held {
    loaded: Option<(Vocabulary, Arc<CoreBPE>)>,
    asked: u64,
}

static HELD: Mutex<Held> = Mutex::new(Held { loaded: None, asked: 0 });

fn held() -> MutexGuard<'static, Held> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The tokens of texts, as a model of this name counts them or one like it. `None` where that fails: then they are
/// guessed.
pub(crate) async fn count(model: &str, texts: Vec<String>) -> Option<u64> {
    let vocabulary = Vocabulary::of(model);
    // A tokenizer that panics ends its own task only.
    let counted = tokio::task::spawn_blocking(move || Some(count_all(&*hold(vocabulary)?, &texts))).await.ok()??;
    let asked = held().asked;
    tokio::spawn(async move {
        tokio::time::sleep(KEEP).await;
        let mut held = held();
        if held.asked == asked {
            held.loaded = None;
        }
    });
    Some(counted)
}

/// The vocabulary, loaded where it is not. Who comes while another loads it waits for that.
fn hold(vocabulary: Vocabulary) -> Option<Arc<CoreBPE>> {
    let mut held = held();
    held.asked += 1;
    if let Some((known, loaded)) = &held.loaded
        && *known == vocabulary
    {
        return Some(Arc::clone(loaded));
    }
    let loaded = Arc::new(vocabulary.load()?);
    held.loaded = Some((vocabulary, Arc::clone(&loaded)));
    Some(loaded)
}

fn count_all(vocabulary: &CoreBPE, texts: &[String]) -> u64 {
    let (mut room, mut counted) = (MOST, 0_u64);
    let (mut begun, mut whole) = (TextCount::default(), TextCount::default());
    for text in texts {
        whole.add(text);
        let beginning = &text[..text.floor_char_boundary(room)];
        begun.add(beginning);
        room -= beginning.len();
        counted += pieces(beginning).map(|piece| vocabulary.count_ordinary(piece) as u64).sum::<u64>();
    }
    if begun == whole {
        return counted;
    }
    // The guess knows how the rest differs from the beginning.
    let scaled = u128::from(counted) * u128::from(whole.tokens()) / u128::from(begun.tokens().max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// A text in pieces, cut before a blank where that changes nothing: between two words.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let most = rest.floor_char_boundary(PIECE);
        let at = if most == rest.len() { most } else { between_words(&rest[..most]).unwrap_or(most) };
        let (piece, after) = rest.split_at(at);
        rest = after;
        Some(piece)
    })
}

/// The last place before one blank between two letters or digits.
fn between_words(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (1..bytes.len()).rev().find(|&at| bytes[at] == b' ' && is_letter(at - 1) && is_letter(at + 1))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const PROSE: &str = "Tokens are what a model reads and writes, and what is paid for. A word is one or two of them, \
         a rare name (Kierkegaard, say) four or five; numbers such as 1,234.56 and punctuation count, too.\n\n";
    const CODE: &str = "fn main() -> Result<(), Box<dyn Error>> {\n    let mut sum = 0;\n    for line in lines {\n        \
         sum += line?.parse::<u64>()?;\n    }\n    println!(\"{sum}\");\n    Ok(())\n}\n";
    const CHINESE: &str = "今天天气很好，我们去公园散步吧。模型读写的单位叫做词元，费用按词元计算。";
    const GERMAN: &str =
        "Die Donaudampfschifffahrtsgesellschaft hat ihren Betrieb längst eingestellt, das Wort ist geblieben. ";

    #[test]
    fn pieces_are_the_text_and_never_long() {
        let long = [PROSE.repeat(40), "a".repeat(5_000), CHINESE.repeat(60), " ".repeat(3_000)].concat();
        let cut: Vec<&str> = pieces(&long).collect();
        assert_eq!(cut.concat(), long);
        assert!(cut.iter().all(|piece| !piece.is_empty() && piece.len() <= PIECE));
        assert_eq!(pieces("").count(), 0);
    }

    #[test]
    fn models_that_count_as_before_are_known() {
        for (model, vocabulary) in [
            ("gpt-4", Vocabulary::Cl100k),
            ("gpt-4-0613", Vocabulary::Cl100k),
            ("openai/gpt-3.5-turbo", Vocabulary::Cl100k),
            ("text-embedding-3-small", Vocabulary::Cl100k),
            ("gpt-4o-mini", Vocabulary::O200k),
            ("gpt-4.1", Vocabulary::O200k),
            ("gpt-6-luna", Vocabulary::O200k),
            ("claude-sonnet-5-5", Vocabulary::O200k),
            ("", Vocabulary::O200k),
        ] {
            assert_eq!(Vocabulary::of(model), vocabulary, "{model}");
        }
    }

    #[test]
    fn counts_are_the_models_own_whatever_the_text_is() {
        let vocabulary = Vocabulary::O200k.load().unwrap();
        let count = |text: &str| count_all(&vocabulary, &[text.to_owned()]);
        let known = vocabulary.count_ordinary("天気") as u64;
        assert_eq!((count(""), count("hello world"), count("天気")), (0, 2, known));
        for (name, text) in [("prose", PROSE), ("code", CODE), ("Chinese", CHINESE), ("German", GERMAN)] {
            let text = text.repeat(100);
            let (whole, ours) = (vocabulary.count_ordinary(&text) as u64, count(&text));
            let guess = TextCount::of(&text).tokens();
            println!("{name}: {} bytes, {whole} tokens, in pieces {ours}, guessed {guess}", text.len());
            assert!(ours.abs_diff(whole) * 200 <= whole, "{name}: {ours} for {whole}");
        }
        for (name, text) in [
            ("letters", "a".repeat(1_000_000)),
            ("blanks", " ".repeat(1_000_000)),
            ("lines", "\n".repeat(1_000_000)),
            ("Han", "天".repeat(333_333)),
            ("faces", "👩‍👩‍👧‍👦".repeat(40_000)),
            ("marks", "}{)(;:!?".repeat(125_000)),
        ] {
            let began = Instant::now();
            let tokens = count(&text);
            println!("{name}: {} bytes, {tokens} tokens in {:?}", text.len(), began.elapsed());
            assert!(tokens > 1_000, "{name}");
        }
    }

    #[test]
    fn beyond_the_limit_the_rest_is_like_the_beginning() {
        let vocabulary = Vocabulary::O200k.load().unwrap();
        let one = count_all(&vocabulary, &[PROSE.repeat(200)]);
        let ten = count_all(&vocabulary, &[PROSE.repeat(1_000), PROSE.repeat(1_000)]);
        assert!(ten.abs_diff(one * 10) * 100 <= ten, "{ten} for ten times {one}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_needs_is_given_back() {
        assert_eq!(count("gpt-4o", vec!["hello world".to_owned()]).await, Some(2));
        assert!(held().loaded.is_some());
        tokio::time::sleep(KEEP + Duration::from_secs(1)).await;
        assert!(held().loaded.is_none());
    }
}
