//! Numbers that look random and are the same in every run.

/// A generator (xorshift64*): good enough to choose places, and nothing else.
pub(crate) struct Dice(u64);

impl Dice {
    /// One of its own for each number.
    pub(crate) fn of(number: u64) -> Self {
        // An odd constant spreads neighbouring numbers, and no state may be 0.
        let mut dice = Self(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            dice.roll();
        }
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 up to, and without, `end`; 0 where that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.roll() >> 16) as usize % end.max(1)
    }

    /// One of these.
    pub(crate) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Whether one chance in so many came.
    pub(crate) fn once_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

#[test]
fn the_same_number_gives_the_same_and_another_gives_another() {
    let rolls = |number| {
        let mut dice = Dice::of(number);
        (0..20).map(|_| dice.below(1000)).collect::<Vec<_>>()
    };
    assert_eq!(rolls(7), rolls(7));
    assert_ne!(rolls(7), rolls(8));
}
