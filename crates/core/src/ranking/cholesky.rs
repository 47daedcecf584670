//! The Cholesky factor of a symmetric positive definite matrix, by hand: the matrices here are dense and at most some
//! hundreds wide, so a crate for linear algebra would bring more than it saves.

/// The lower triangle `L` with `L Lᵀ` = the matrix, kept as full rows.
pub(crate) struct Cholesky {
    n: usize,
    rows: Vec<f64>,
}

impl Cholesky {
    /// Factors an `n`×`n` matrix given row by row; only its lower triangle is read.
    ///
    /// `None` if it is not positive definite, up to rounding, or not of that shape.
    pub(crate) fn of(n: usize, mut matrix: Vec<f64>) -> Option<Self> {
        if matrix.len() != n * n {
            return None;
        }
        for i in 0..n {
            let (above, rest) = matrix.split_at_mut(i * n);
            let row = &mut rest[..n];
            for j in 0..i {
                let other = &above[j * n..=j * n + j];
                row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
            }
            let square = row[i] - dot(&row[..i], &row[..i]);
            // A pivot lost to rounding would pass as a tiny positive number and blow the solution up.
            if !square.is_finite() || square <= row[i].abs() * f64::EPSILON {
                return None;
            }
            row[i] = square.sqrt();
        }
        Some(Self { n, rows: matrix })
    }

    /// Solves `matrix · x = b`; `b` has `n` entries.
    pub(crate) fn solve(&self, mut b: Vec<f64>) -> Vec<f64> {
        for i in 0..self.n {
            let row = self.row(i);
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
        // Backwards by columns of Lᵀ, which are rows of L and lie together in memory.
        for i in (0..self.n).rev() {
            let row = self.row(i);
            b[i] /= row[i];
            let solved = b[i];
            for (left, factor) in b[..i].iter_mut().zip(row) {
                *left -= factor * solved;
            }
        }
        b
    }

    /// The diagonal of the inverse of the matrix: entry `i` is the squared length of column `i` of `L⁻¹`.
    pub(crate) fn inverse_diagonal(&self) -> Vec<f64> {
        let mut column = vec![0.0; self.n];
        (0..self.n)
            .map(|i| {
                column[i] = 1.0 / self.row(i)[i];
                for r in i + 1..self.n {
                    let row = self.row(r);
                    column[r] = -dot(&row[i..r], &column[i..r]) / row[r];
                }
                dot(&column[i..], &column[i..])
            })
            .collect()
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.rows[i * self.n..(i + 1) * self.n]
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_and_inverts() {
        let factor = Cholesky::of(3, vec![4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0]).unwrap();
        // The matrix [[4,2,1],[2,5,3],[1,3,6]] has the determinant 67; its inverse has 21, 23 and 16 over that there.
        let solved = factor.solve(vec![4.0 + 4.0 + 3.0, 2.0 + 10.0 + 9.0, 1.0 + 6.0 + 18.0]);
        for (got, want) in solved.iter().zip([1.0, 2.0, 3.0]) {
            assert!((got - want).abs() < 1e-14, "{solved:?}");
        }
        let diagonal = factor.inverse_diagonal();
        for (got, want) in diagonal.iter().zip([21.0 / 67.0, 23.0 / 67.0, 16.0 / 67.0]) {
            assert!((got - want).abs() < 1e-14, "{diagonal:?}");
        }
    }

    #[test]
    fn refuses_what_is_not_positive_definite() {
        assert!(Cholesky::of(2, vec![1.0, 0.0, 1.0, 1.0]).is_none());
        assert!(Cholesky::of(2, vec![1.0, 0.0, 2.0, 1.0]).is_none());
        assert!(Cholesky::of(2, vec![1.0, 0.0, 1.0, 1.0 + f64::EPSILON]).is_none(), "up to rounding");
        assert!(Cholesky::of(1, vec![f64::NAN]).is_none());
        assert!(Cholesky::of(2, vec![1.0]).is_none());
    }
}
