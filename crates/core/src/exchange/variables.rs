//! `${NAME}` in a configuration: taken from the environment. `$${` is a plain `${`.

use parlance_providers::Secret;
use zeroize::Zeroizing;

/// The longest name of a variable.
const LONGEST: usize = 128;

/// A text of a file with its variables in place.
pub(super) enum Text {
    /// There was none in it.
    Plain(Zeroizing<String>),
    /// It is one variable and nothing else: its name.
    One(String),
    /// Some of it came from the environment.
    Mixed(Zeroizing<String>),
}

impl Text {
    /// Puts the variables of a text in place.
    ///
    /// # Errors
    /// The name of the first that is not set; one that is the whole text need not be.
    pub(super) fn of(text: &str, variable: &dyn Fn(&str) -> Option<Secret>) -> Result<Self, String> {
        if let Some(name) = whole(text) {
            return Ok(Self::One(name.to_owned()));
        }
        // Room for values at once: a string that grows leaves copies of a secret behind.
        let mut filled = Zeroizing::new(String::with_capacity(text.len() + 4 * 1024));
        let (mut rest, mut mixed) = (text, false);
        while let Some(at) = rest.find('$') {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            if let Some(after) = from.strip_prefix("$${") {
                filled.push_str("${");
                rest = after;
            } else if let Some((name, after)) = begins(from) {
                filled.push_str(variable(name).ok_or_else(|| name.to_owned())?.expose());
                (rest, mixed) = (after, true);
            } else {
                filled.push('$');
                rest = &from[1..];
            }
        }
        filled.push_str(rest);
        Ok(if mixed { Self::Mixed(filled) } else { Self::Plain(filled) })
    }

    /// The text, for what is no secret.
    ///
    /// # Errors
    /// The name of a variable that is not set.
    pub(super) fn filled(text: &str, variable: &dyn Fn(&str) -> Option<Secret>) -> Result<String, String> {
        match Self::of(text, variable)? {
            Self::Plain(text) | Self::Mixed(text) => Ok(text.as_str().to_owned()),
            Self::One(name) => variable(&name).map(|value| value.expose().to_owned()).ok_or(name),
        }
    }
}

/// A text as it is written so that it is read back as it is.
pub(super) fn written(text: &str) -> String {
    text.replace("${", "$${")
}

/// The name where the text is one variable.
fn whole(text: &str) -> Option<&str> {
    begins(text.trim()).and_then(|(name, rest)| rest.is_empty().then_some(name))
}

/// The name of the variable that a text begins with, and what follows it.
fn begins(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix("${")?.split_once('}')?;
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let fits = name.len() <= LONGEST && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (starts && fits).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        Text::filled(text, &|name| (name == "HOST").then(|| Secret::from_pasted("10.0.0.1")))
    }

    #[test]
    fn variables_are_put_in_place() {
        for (text, expected) in [
            ("plain", "plain"),
            ("${HOST}", "10.0.0.1"),
            ("http://${HOST}:80/${HOST}", "http://10.0.0.1:80/10.0.0.1"),
            ("$${HOST} costs $5 $", "${HOST} costs $5 $"),
            ("${ä} ${} ${1} ${A", "${ä} ${} ${1} ${A"),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(filled("a ${GONE} b"), Err("GONE".to_owned()));
        assert_eq!(filled("${GONE}"), Err("GONE".to_owned()));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["${A}", "$${A}", "$$${A}", "x${A}y$", "${", "$"] {
            assert_eq!(filled(&written(text)).as_deref(), Ok(text), "{text}");
        }
    }
}
