//! Why a configuration cannot be read at all.

/// Why a configuration cannot be read: where, and what is wrong. It never repeats a value of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The line, from 1; absent where it is about the whole.
    pub line: Option<u32>,
    /// What is wrong.
    pub fault: ConfigFault,
    /// The name it is about, where it can be repeated.
    pub name: Option<String>,
}

/// What is wrong with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigFault {
    /// Longer than [`super::LONGEST`].
    TooLong,
    /// More providers than anybody has.
    TooMany,
    /// There is no provider in it.
    Empty,
    /// Not TOML, or not JSON.
    NotReadable,
    /// A key that the form does not know.
    UnknownKey,
    /// A key that the form wants is missing.
    MissingKey,
    /// A value that its key cannot have.
    WrongValue,
    /// A name that a second one has, too.
    TakenName,
    /// A name that nothing in the file has.
    UnknownName,
}

impl ConfigFault {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Empty => "empty",
            Self::NotReadable => "not_readable",
            Self::UnknownKey => "unknown_key",
            Self::MissingKey => "missing_key",
            Self::WrongValue => "wrong_value",
            Self::TakenName => "taken_name",
            Self::UnknownName => "unknown_name",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::TooLong => "the file is longer than 4 MiB",
            Self::TooMany => "there are more than 500 providers in the file",
            Self::Empty => "there is no provider in the file",
            Self::NotReadable => "this is neither TOML nor JSON",
            Self::UnknownKey => "unknown key",
            Self::MissingKey => "a key is missing",
            Self::WrongValue => "the value cannot be used",
            Self::TakenName => "the name is taken already",
            Self::UnknownName => "nothing in the file has this name",
        }
    }
}

impl std::error::Error for ConfigError {}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(self.fault.words())?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, ": {name}"))
    }
}

impl ConfigError {
    pub(super) fn whole(fault: ConfigFault) -> Self {
        Self { line: None, fault, name: None }
    }

    /// At a byte of the text.
    pub(super) fn at(text: &str, byte: usize, fault: ConfigFault, name: Option<&str>) -> Self {
        let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Self { line: u32::try_from(line).ok(), fault, name: name.and_then(super::said).map(str::to_owned) }
    }

    /// What the reader of TOML says, without its words: they repeat what stands in the file.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let (fault, name) = fault_of(error.message());
        Self { line: None, fault, name: None }.placed(text, error.span().map(|span| span.start), name)
    }

    /// The same for JSON.
    pub(super) fn of_json(error: &serde_json::Error) -> Self {
        let fault = if error.is_data() { ConfigFault::WrongValue } else { ConfigFault::NotReadable };
        Self { line: u32::try_from(error.line()).ok().filter(|line| *line > 0), fault, name: None }
    }

    fn placed(self, text: &str, byte: Option<usize>, name: Option<&str>) -> Self {
        match byte {
            Some(byte) => Self::at(text, byte, self.fault, name),
            None => Self { name: name.and_then(super::said).map(str::to_owned), ..self },
        }
    }
}

/// serde's own words tell what is wrong: "unknown field `x`, expected …". The key it names may be repeated where it
/// looks like a key of the form, which no secret does.
fn fault_of(message: &str) -> (ConfigFault, Option<&str>) {
    let key = || {
        let name = message.split('`').nth(1)?;
        (name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')).then_some(name)
    };
    if message.starts_with("unknown field") {
        (ConfigFault::UnknownKey, key())
    } else if message.starts_with("missing field") {
        (ConfigFault::MissingKey, key())
    } else if ["invalid", "unknown variant"].iter().any(|words| message.starts_with(words))
        && message.contains("expected")
    {
        (ConfigFault::WrongValue, None)
    } else {
        (ConfigFault::NotReadable, None)
    }
}
