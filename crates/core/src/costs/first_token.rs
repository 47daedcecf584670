//! Times to the first token, counted by eighths of an octave: enough for a median within a tenth, and they add up.

/// How many times lie in each step, by its lower edge in milliseconds, in order. The edges are those of the view
/// `ledger_settled`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstTokens(Vec<(i64, i64)>);

impl FirstTokens {
    /// From the stored form, a JSON object of counts by edges; `None` where it is another. Read by hand: the dashboard
    /// reads thousands.
    pub fn from_stored(json: &str) -> Option<Self> {
        let inside = json.strip_prefix('{')?.strip_suffix('}')?;
        let step = |step: &str| {
            let (edge, count) = step.strip_prefix('"')?.split_once("\":")?;
            Some((edge.parse().ok()?, count.parse().ok()?))
        };
        let steps = inside.split(',').filter(|_| !inside.is_empty()).map(step);
        let mut steps: Vec<(i64, i64)> = steps.collect::<Option<_>>()?;
        steps.sort_unstable();
        Some(Self(steps))
    }

    /// Both together. Counts are of rows in the ledger: they fit.
    pub fn add(&mut self, other: &Self) {
        for (edge, count) in &other.0 {
            match self.0.binary_search_by_key(edge, |(edge, _)| *edge) {
                Ok(at) => self.0[at].1 += count,
                Err(at) => self.0.insert(at, (*edge, *count)),
            }
        }
    }

    /// The median in milliseconds, no further off than a sixteenth; `None` where nothing was measured.
    pub fn median(&self) -> Option<f64> {
        let all: i64 = self.0.iter().map(|(_, count)| count).sum();
        let nth = |place: i64| {
            let mut seen = 0;
            self.0.iter().find_map(|(edge, count)| {
                seen += count;
                (seen > place).then(|| middle(*edge))
            })
        };
        Some((nth((all - 1) / 2)? + nth(all / 2)?) / 2.0)
    }
}

/// The middle of the step that begins here. Below 16 ms a step is one millisecond, and so are the times.
fn middle(edge: i64) -> f64 {
    let width = match edge {
        ..16 => 1,
        524_288.. => 65_536,
        _ => 1_i64 << (edge.ilog2() - 3),
    };
    edge as f64 + (width - 1) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the view does.
    fn edge(ms: i64) -> i64 {
        let width = if ms < 16 { 1 } else { 1_i64 << (ms.min(524_288).ilog2() - 3) };
        ms - ms % width
    }

    fn of(times: &[i64]) -> FirstTokens {
        let mut all = FirstTokens::default();
        for ms in times {
            all.add(&FirstTokens(vec![(edge(*ms), 1)]));
        }
        all
    }

    #[test]
    fn nothing_measured_is_no_median_and_what_is_no_object_is_refused() {
        assert_eq!(FirstTokens::default().median(), None);
        for wrong in ["[]", "{", "{\"a\":1}", "{\"1\":1,}", "{\"1\":\"1\"}", "{1:1}"] {
            assert_eq!(FirstTokens::from_stored(wrong), None, "{wrong}");
        }
        assert_eq!(FirstTokens::from_stored("{}"), Some(FirstTokens::default()));
        assert_eq!(FirstTokens::from_stored(r#"{"320":2,"16":1}"#), Some(FirstTokens(vec![(16, 1), (320, 2)])));
    }

    proptest! {
        #[test]
        fn the_median_is_within_a_tenth(mut times in prop::collection::vec(1_i64..2_000_000, 1..60)) {
            let found = of(&times).median().unwrap();
            times.sort_unstable();
            let exact = (times[(times.len() - 1) / 2] + times[times.len() / 2]) as f64 / 2.0;
            prop_assert!((found - exact).abs() <= exact / 10.0, "{found} is not {exact}");
        }
    }
}
