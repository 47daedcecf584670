//! What is left of an account's money, where a vendor has a free request that tells.

use serde_json::Value;

use super::{HttpProvider, body};
use crate::catalog::BalanceLookup;
use crate::dialect::WireRequest;
use crate::{Balance, CancellationToken, Category, ProviderError};

/// Digits before and after the point that an amount may have; more is no money.
const MOST_DIGITS: usize = 15;

impl HttpProvider {
    pub(super) async fn ask_balance(
        &self,
        lookup: &BalanceLookup,
        cancel: &CancellationToken,
    ) -> Result<Balance, ProviderError> {
        let wire = WireRequest::get(lookup.path.as_str());
        let exchange = self.exchange("balance", None);
        let (head, body) =
            self.fetch(self.dialect, wire, body::ERROR_LIMIT, self.clocks.lookup, cancel, exchange).await?;
        read(lookup, &body).ok_or_else(|| {
            let message = format!("the answer names no balance ({})", self.base.authority());
            let error = ProviderError::because(Category::BrokenStream, "unreadable", message);
            ProviderError { status: Some(head.status), ..error }
        })
    }
}

/// The balance in an answer; `None` where it is not as the vendor's data says.
fn read(lookup: &BalanceLookup, body: &[u8]) -> Option<Balance> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let amount = Decimal::read(answer.pointer(&lookup.amount)?)?;
    let amount = match &lookup.less {
        Some(less) => amount.minus(Decimal::read(answer.pointer(less)?)?)?,
        None => amount,
    };
    let named = lookup.currency_at.as_ref().and_then(|at| answer.pointer(at)?.as_str().and_then(currency));
    let currency = named.or_else(|| lookup.currency.as_deref().and_then(currency))?;
    Some(Balance { amount: amount.text(), currency })
}

fn currency(code: &str) -> Option<String> {
    let code = code.trim();
    let fits = code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphabetic());
    fits.then(|| code.to_ascii_uppercase())
}

/// A decimal number, exactly: money is not counted in binary fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    units: i128,
    /// Digits after the point.
    scale: usize,
}

impl Decimal {
    /// A JSON number, or a string that holds one.
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text.trim()),
            Value::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (text, exponent) = match text.split_once(['e', 'E']) {
            Some((text, exponent)) => (text, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > MOST_DIGITS || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        // A program that counts in binary fractions writes more digits than it means.
        let fraction = &fraction[..fraction.len().min(MOST_DIGITS)];
        let units: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let (units, scale) = match usize::try_from(scale) {
            Ok(scale) if scale <= 2 * MOST_DIGITS => (units, scale),
            Ok(_) => return None,
            Err(_) => {
                let more = scale.unsigned_abs();
                let grown = units.checked_mul(10_i128.checked_pow(more)?)?;
                (Some(grown).filter(|_| more as usize <= MOST_DIGITS)?, 0)
            }
        };
        Some(Self { units: if negative { -units } else { units }, scale })
    }

    fn minus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let at = |number: Self| {
            let more = u32::try_from(scale - number.scale).ok()?;
            number.units.checked_mul(10_i128.checked_pow(more)?)
        };
        Some(Self { units: at(self)?.checked_sub(at(other)?)?, scale })
    }

    /// Without needless noughts, but with the cents that money is written with: `12.30`, `0.0045`, `7`.
    fn text(self) -> String {
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = self.scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.scale);
        let kept = fraction.trim_end_matches('0').len();
        let fraction = if kept == 0 { String::new() } else { format!("{:0<2}", &fraction[..kept]) };
        let sign = if self.units < 0 { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lookup(less: Option<&str>, currency_at: Option<&str>, currency: Option<&str>) -> BalanceLookup {
        let own = |text: Option<&str>| text.map(str::to_owned);
        BalanceLookup {
            path: "balance".into(),
            amount: "/data/0/total".into(),
            less: own(less),
            currency_at: own(currency_at),
            currency: own(currency),
        }
    }

    fn told(lookup: &BalanceLookup, body: &str) -> Option<(String, String)> {
        read(lookup, body.as_bytes()).map(|balance| (balance.amount, balance.currency))
    }

    #[test]
    fn an_amount_is_a_number_or_a_text_and_less_is_taken_off_exactly() {
        let plain = lookup(None, None, Some("USD"));
        for (total, amount) in [
            ("110", Some("110")),
            ("\"110.00\"", Some("110")),
            ("12.3", Some("12.30")),
            ("\"0.00450\"", Some("0.0045")),
            ("-0.25", Some("-0.25")),
            ("1e2", Some("100")),
            ("2.5e-3", Some("0.0025")),
            ("0", Some("0")),
            ("null", None),
            ("true", None),
            ("\"\"", None),
            ("\"many\"", None),
            ("\"1,000\"", None),
            ("\"0x10\"", None),
            ("\"+1\"", None),
            ("1e300", None),
            ("1e-300", None),
            ("\"1e99999999999\"", None),
            ("\"1e-2147483648\"", None),
            ("{\"a\": 1}", None),
            ("\"1234567890123456\"", None),
        ] {
            let body = format!("{{\"data\": [{{\"total\": {total}}}]}}");
            assert_eq!(told(&plain, &body).map(|found| found.0).as_deref(), amount, "{total}");
        }
        let less = lookup(Some("/data/0/used"), None, Some("usd"));
        let body = r#"{"data": [{"total": 10.3, "used": "0.1000000001"}]}"#;
        assert_eq!(told(&less, body), Some(("10.1999999999".to_owned(), "USD".to_owned())));
        assert_eq!(told(&less, r#"{"data": [{"total": 10}]}"#), None, "half of a sum is none");
    }

    #[test]
    fn a_currency_is_three_letters_or_the_vendors_usual_one() {
        let body = |code: &str| format!(r#"{{"data": [{{"total": 1}}], "currency": {code}}}"#);
        let named = lookup(None, Some("/currency"), Some("USD"));
        for (code, currency) in [("\"CNY\"", "CNY"), ("\"eur\"", "EUR"), ("\"<b>\"", "USD"), ("7", "USD")] {
            assert_eq!(told(&named, &body(code)).map(|found| found.1).as_deref(), Some(currency), "{code}");
        }
        assert_eq!(told(&lookup(None, Some("/currency"), None), &body("\"dollars\"")), None);
    }

    proptest! {
        #[test]
        fn sums_are_exact_and_no_text_is_too_much(a in -99_999_999_i64..99_999_999, b in -99_999_999_i64..99_999_999, noise in ".{0,40}") {
            let text = |cents: i64| {
                let sign = if cents < 0 { "-" } else { "" };
                format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
            };
            let (left, right) = (Decimal::parse(&text(a)).unwrap(), Decimal::parse(&text(b)).unwrap());
            let expected = Decimal::parse(&text(a - b)).unwrap().text();
            prop_assert_eq!(left.minus(right).unwrap().text(), expected);
            if let Some(read) = Decimal::parse(&noise) {
                prop_assert!(!read.text().is_empty());
            }
        }
    }
}
