//! Names of files as persons and their systems give them, made fit to be shown and to be sent to a model.

/// The longest name, in characters.
const LONGEST: usize = 200;
/// The longest ending that survives when a name is cut, in characters.
const LONGEST_ENDING: usize = 16;

/// The last piece of a path, without control characters and without those that turn the direction of writing, which
/// make `exe.gpj` read as `jpg.exe`. May come out empty.
pub fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|c| !c.is_control() && !misleads(*c)).collect();
    let name = shown.trim();
    if matches!(name, "." | "..") {
        return String::new();
    }
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let ending = if ending.is_empty() || ending.chars().count() > LONGEST_ENDING { "" } else { ending };
    let tail = if ending.is_empty() { String::new() } else { format!(".{ending}") };
    let head: String = name.chars().take(LONGEST - tail.chars().count()).collect();
    head + &tail
}

/// Marks of direction, and what is not seen at all.
pub(crate) fn misleads(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_one_harmless_piece() {
        for (given, kept) in [
            ("notes.txt", "notes.txt"),
            ("/home/me/notes.txt", "notes.txt"),
            (r"C:\Users\me\notes.txt", "notes.txt"),
            ("../../etc/passwd", "passwd"),
            ("..", ""),
            ("a/..", ""),
            ("", ""),
            ("  spaced.txt ", "spaced.txt"),
            ("line\nbreak\u{7}.txt", "linebreak.txt"),
            ("innocent-\u{202e}gpj.exe", "innocent-gpj.exe"),
            ("\u{feff}b\u{200b}om.txt", "bom.txt"),
            ("größe 漢字.md", "größe 漢字.md"),
        ] {
            assert_eq!(clean(given), kept, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let cut = clean(&format!("{}.tar", "ä".repeat(400)));
        assert_eq!(cut.chars().count(), LONGEST);
        assert!(cut.ends_with("ä.tar"));
        assert_eq!(clean(&"x".repeat(400)).len(), LONGEST);
    }

    proptest! {
        #[test]
        fn whatever_is_given(name in any::<String>()) {
            let cleaned = clean(&name);
            prop_assert!(cleaned.chars().count() <= LONGEST);
            prop_assert!(!cleaned.contains(['/', '\\']) && !cleaned.chars().any(|c| c.is_control() || misleads(c)));
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }
}
