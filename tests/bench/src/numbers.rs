//! Many numbers in a few.

/// Median, smallest and largest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    /// Of these.
    pub fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut numbers: Vec<f64> = numbers.collect();
        numbers.sort_by(f64::total_cmp);
        let at = |index: usize| numbers.get(index).copied().unwrap_or(f64::NAN);
        let (count, half) = (numbers.len(), numbers.len() / 2);
        let median =
            if count % 2 == 1 { at(half) } else { f64::midpoint(at(half.wrapping_sub(1)), at(half)) };
        Self { median, least: at(0), most: at(count.wrapping_sub(1)) }
    }

    /// In words, with this unit.
    pub fn tell(self, unit: &str) -> String {
        let [median, least, most] = [self.median, self.least, self.most].map(short);
        format!("{median} {unit} ({least}–{most})")
    }
}

/// What half of some numbers, and what 99 of 100 of them, do not exceed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentiles {
    /// Half.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
}

impl Percentiles {
    /// Of these.
    pub fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        // The smallest number that so many of a hundred do not exceed.
        let at = |percent: usize| {
            let rank = (numbers.len() * percent).div_ceil(100);
            numbers.get(rank.wrapping_sub(1)).copied().unwrap_or(f64::NAN)
        };
        Self { p50: at(50), p99: at(99) }
    }
}

/// A number with three digits that mean something.
pub fn short(number: f64) -> String {
    match number.abs() {
        size if size >= 99.95 => format!("{number:.0}"),
        size if size >= 9.995 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// A count as a number to calculate with; beyond 2^53 it is not exact.
pub fn float(count: u64) -> f64 {
    let low = u32::try_from(count & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    f64::from(high) * 2f64.powi(32) + f64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends_of_numbers_are_told() {
        let spread = |numbers: &[f64]| Spread::of(numbers.iter().copied()).tell("ms");
        assert_eq!(spread(&[3.0, 1.0, 2.0]), "2.00 ms (1.00–3.00)");
        assert_eq!(spread(&[4.0, 1.0]), "2.50 ms (1.00–4.00)");
        assert_eq!(spread(&[123.4]), "123 ms (123–123)");
    }

    #[test]
    fn percentiles_are_numbers_that_were_there() {
        let numbers = |count: u32| (1..=count).rev().map(f64::from).collect();
        assert_eq!(Percentiles::of(numbers(200)), Percentiles { p50: 100.0, p99: 198.0 });
        assert_eq!(Percentiles::of(numbers(3)), Percentiles { p50: 2.0, p99: 3.0 });
        assert_eq!(Percentiles::of(numbers(1)), Percentiles { p50: 1.0, p99: 1.0 });
        assert!(Percentiles::of(Vec::new()).p50.is_nan());
    }

    #[test]
    fn counts_of_any_size_can_be_calculated_with() {
        let exact = [(0, 0.0), (4_294_967_296, 4_294_967_296.0), (9_760_000_001, 9_760_000_001.0)];
        assert!(exact.iter().all(|(count, number)| (float(*count) - number).abs() < f64::EPSILON));
    }
}
