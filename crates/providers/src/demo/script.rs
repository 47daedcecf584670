//! The scripts: Markdown files with a few places to fill, and how each is performed.

use std::time::Duration;

/// What happens to a reply besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It ends as it should.
    Whole,
    /// It breaks off in the middle.
    Cut,
    /// It fails before any output.
    Fails,
}

/// A reply, ready to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) reasoning: String,
    pub(super) text: String,
    /// Between two words.
    pub(super) pace: Duration,
    pub(super) ending: Ending,
}

/// A model of the Demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    Tour,
    Reasoning,
    Slow,
    Long,
    Echo,
    Cut,
    Failing,
}

impl Model {
    pub(super) const ALL: [Self; 7] =
        [Self::Tour, Self::Reasoning, Self::Slow, Self::Long, Self::Echo, Self::Cut, Self::Failing];

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Tour => "demo/tour",
            Self::Reasoning => "demo/reasoning",
            Self::Slow => "demo/slow",
            Self::Long => "demo/long",
            Self::Echo => "demo/echo",
            Self::Cut => "demo/cut",
            Self::Failing => "demo/failing",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tour => "Demo: tour (script)",
            Self::Reasoning => "Demo: reasoning (script)",
            Self::Slow => "Demo: slow (script)",
            Self::Long => "Demo: long (script)",
            Self::Echo => "Demo: echo (script)",
            Self::Cut => "Demo: breaks off (script)",
            Self::Failing => "Demo: fails (script)",
        }
    }

    pub(super) fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.id() == id)
    }

    /// On the tour, a word of the prompt may choose another script.
    pub(super) fn heeding(self, prompt: &str) -> Self {
        if self != Self::Tour {
            return self;
        }
        let words = prompt.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        words.filter_map(|word| Self::asked_for(&word)).next().unwrap_or(self)
    }

    fn asked_for(word: &str) -> Option<Self> {
        Some(match word {
            "think" | "reason" | "reasoning" => Self::Reasoning,
            "slow" | "slowly" => Self::Slow,
            "long" => Self::Long,
            "cut" => Self::Cut,
            "fail" | "failing" => Self::Failing,
            _ => return None,
        })
    }

    /// Fills the script in for a prompt. The same prompt gives the same reply.
    pub(super) fn script(self, prompt: &str) -> Script {
        let fill = |text: &str| text.replace("{{prompt}}", &first_words(prompt));
        let (reasoning, text) = match self {
            Self::Tour => ("", fill(include_str!("scripts/tour.md"))),
            Self::Reasoning => (include_str!("scripts/reasoning.md"), fill(include_str!("scripts/reasoned.md"))),
            Self::Slow => ("", fill(include_str!("scripts/slow.md"))),
            Self::Long => ("", fill(&long())),
            Self::Echo => ("", include_str!("scripts/echo.md").replace("{{whole}}", prompt.trim())),
            Self::Cut => ("", fill(include_str!("scripts/cut.md"))),
            Self::Failing => ("", String::new()),
        };
        Script {
            reasoning: fill(reasoning).trim_end().to_owned(),
            text: text.trim_end().to_owned(),
            pace: self.pace(),
            ending: match self {
                Self::Cut => Ending::Cut,
                Self::Failing => Ending::Fails,
                _ => Ending::Whole,
            },
        }
    }

    fn pace(self) -> Duration {
        Duration::from_millis(match self {
            Self::Slow => 200,
            Self::Long => 4,
            _ => 15,
        })
    }
}

const LONG_PARTS: usize = 40;

fn long() -> String {
    let parts = LONG_PARTS.to_string();
    let mut text = include_str!("scripts/long-opening.md").replace("{{parts}}", &parts);
    for part in 1..=LONG_PARTS {
        let filled = include_str!("scripts/long.md").replace("{{parts}}", &parts);
        text.push_str(&filled.replace("{{part}}", &part.to_string()));
    }
    text
}

const QUOTED_WORDS: usize = 8;
const QUOTED_CHARS: usize = 80;

/// The beginning of a prompt on one line, without signs that would change the Markdown around it.
fn first_words(prompt: &str) -> String {
    let mut words = prompt.split_whitespace();
    let mut quote = words.by_ref().take(QUOTED_WORDS).collect::<Vec<_>>().join(" ");
    let mut is_cut = words.next().is_some();
    quote.retain(|c| {
        !matches!(c, '*' | '_' | '`' | '#' | '[' | ']' | '<' | '>' | '|' | '$' | '~' | '\\' | '!' | '{' | '}')
    });
    if let Some((end, _)) = quote.char_indices().nth(QUOTED_CHARS) {
        quote.truncate(end);
        is_cut = true;
    }
    if is_cut {
        quote.push('…');
    }
    quote
}
