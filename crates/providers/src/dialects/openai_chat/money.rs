//! Money as vendors write it, read from the decimal text without a float in between.

/// Decimal places kept while adding: more than any vendor writes.
const SCALE: i32 = 18;

/// US dollars in units of 1e-18, exact to that place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dollars(i128);

impl Dollars {
    /// Reads a JSON number, or the text of one. Digits beyond the 18th decimal place are cut.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::parse_scaled(text, 0)
    }

    /// The same in another unit, of which 10^`places` make a dollar.
    pub(crate) fn parse_scaled(text: &str, places: i32) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut units: i128 = 0;
        let mut place = exponent.checked_add(SCALE)?.checked_sub(places)?;
        for digit in whole.bytes().map(Some).chain([None]).chain(fraction.bytes().map(Some)) {
            match digit {
                Some(d) => units = units.checked_mul(10)?.checked_add(i128::from(d - b'0'))?,
                None => place = place.checked_sub(i32::try_from(fraction.len()).ok()?)?,
            }
        }
        while place > 0 && units != 0 {
            units = units.checked_mul(10)?;
            place -= 1;
        }
        while place < 0 && units != 0 {
            units /= 10;
            place += 1;
        }
        Some(Self(if negative { -units } else { units }))
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// In nano-USD, rounded half to even.
    pub(crate) fn nano(self) -> Option<i64> {
        const STEP: i128 = 1_000_000_000;
        let (whole, rest) = (self.0.div_euclid(STEP), self.0.rem_euclid(STEP));
        let up = rest * 2 > STEP || rest * 2 == STEP && whole % 2 != 0;
        i64::try_from(whole + i128::from(up)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Dollars;

    fn nano(text: &str) -> Option<i64> {
        Dollars::parse(text)?.nano()
    }

    #[test]
    fn reads_every_way_of_writing_a_number() {
        assert_eq!(nano("0.00012"), Some(120_000));
        assert_eq!(nano("1.4e-7"), Some(140));
        assert_eq!(nano("8.16E-05"), Some(81_600));
        assert_eq!(nano("3"), Some(3_000_000_000));
        assert_eq!(nano("0.0076509169000000005"), Some(7_650_917));
        assert_eq!(nano("-0.5"), Some(-500_000_000));
        assert_eq!(nano("1e3"), Some(1_000_000_000_000));
        assert_eq!(nano("0"), Some(0));
    }

    #[test]
    fn rounds_half_to_even() {
        assert_eq!(nano("0.0000000005"), Some(0));
        assert_eq!(nano("0.0000000015"), Some(2));
        assert_eq!(nano("0.0000000025"), Some(2));
        assert_eq!(nano("0.00000000250000001"), Some(3));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "-", "NaN", "1.2.3", "0x1", "1e", "--1", "1e999999999999", "9e60", "inf"] {
            assert_eq!(nano(text), None, "{text}");
        }
    }

    #[test]
    fn ticks_are_a_ten_billionth_of_a_dollar() {
        assert_eq!(Dollars::parse_scaled("1654500", 10).and_then(Dollars::nano), Some(165_450));
    }

    #[test]
    fn extreme_exponents_end() {
        assert_eq!(nano("0e2147483647"), None);
        assert_eq!(nano("0e100"), Some(0));
        assert_eq!(nano("1e-2000000000"), Some(0));
    }
}
