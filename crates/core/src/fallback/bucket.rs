//! How many retries a provider is worth: NET-9. What is taken comes back only with answers, so that a dead server is
//! not asked twice as often by everybody at once.

/// Retries of a provider that nobody has taken from.
const FULL: u32 = 10;

/// The retries of one provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    /// In halves of a retry: that is what an answer gives back.
    halves: u32,
}

impl Default for Bucket {
    fn default() -> Self {
        Self { halves: 2 * FULL }
    }
}

impl Bucket {
    /// Whole retries that are left.
    pub(super) fn left(self) -> u32 {
        self.halves / 2
    }

    /// Takes one; false where none is left.
    pub(super) fn take(&mut self) -> bool {
        let rest = self.halves.checked_sub(2);
        self.halves = rest.unwrap_or(self.halves);
        rest.is_some()
    }

    /// An answer came: half a retry more.
    pub(super) fn give_back(&mut self) {
        self.halves = (self.halves + 1).min(2 * FULL);
    }

    /// Nothing was taken, so that it need not be remembered.
    pub(super) fn is_full(self) -> bool {
        self.halves == 2 * FULL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_retries_and_half_of_one_back_for_an_answer() {
        let mut bucket = Bucket::default();
        for left in (0..FULL).rev() {
            assert!(bucket.take());
            assert_eq!(bucket.left(), left);
        }
        assert!(!bucket.take() && !bucket.take(), "an empty one stays at nothing");
        bucket.give_back();
        assert!(!bucket.take(), "half a retry is none");
        bucket.give_back();
        assert!(bucket.take() && !bucket.take());
        for _ in 0..100 {
            bucket.give_back();
        }
        assert_eq!((bucket.left(), bucket.is_full()), (FULL, true));
    }
}
