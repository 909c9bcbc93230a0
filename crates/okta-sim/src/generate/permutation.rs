//! Numbers that look random and can be undone: with them an id needs no table, and "which groups is this user in" is
//! computed as cheaply as "who is in this group".

/// Spreads the bits of three numbers over one: the simulator's only source of chance, so that one seed is one org.
pub fn hash(seed: u64, a: u64, b: u64) -> u64 {
    let mut x =
        seed ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(32);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A Feistel network over two halves of `bits` each: a permutation whatever its round function is.
#[derive(Debug, Clone)]
struct Feistel {
    bits: u32,
    keys: [u64; 4],
}

impl Feistel {
    fn new(bits: u32, seed: u64) -> Self {
        Self { bits, keys: [1, 2, 3, 4].map(|round| hash(seed, round, 0x0f31)) }
    }

    fn round(&self, half: u64, key: u64) -> u64 {
        let mixed = (half ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> (64 - self.bits)
    }

    fn forward(&self, x: u64) -> u64 {
        let mask = (1u64 << self.bits) - 1;
        let (mut left, mut right) = (x >> self.bits & mask, x & mask);
        for key in self.keys {
            (left, right) = (right, left ^ self.round(right, key));
        }
        left << self.bits | right
    }

    fn backward(&self, y: u64) -> u64 {
        let mask = (1u64 << self.bits) - 1;
        let (mut left, mut right) = (y >> self.bits & mask, y & mask);
        for key in self.keys.iter().rev() {
            (left, right) = (right ^ self.round(left, *key), left);
        }
        left << self.bits | right
    }
}

/// A permutation of `0..n`.
#[derive(Debug, Clone)]
pub struct Permutation {
    n: u64,
    feistel: Feistel,
}

impl Permutation {
    /// The permutation of `0..n` that `seed` stands for.
    pub fn new(n: u64, seed: u64) -> Self {
        let bits = (64 - n.max(2).leading_zeros()).div_ceil(2);
        Self { n, feistel: Feistel::new(bits, seed) }
    }

    /// Where `x` goes. `x` must be below `n`.
    pub fn apply(&self, x: u64) -> u64 {
        debug_assert!(x < self.n);
        let mut y = self.feistel.forward(x);
        // Walk the cycle until we are back in the range: at most four steps on average.
        while y >= self.n {
            y = self.feistel.forward(y);
        }
        y
    }

    /// Where `y` came from. `y` must be below `n`.
    pub fn invert(&self, y: u64) -> u64 {
        debug_assert!(y < self.n);
        let mut x = self.feistel.backward(y);
        while x >= self.n {
            x = self.feistel.backward(x);
        }
        x
    }
}

/// A permutation of all 64-bit numbers, for ids.
#[derive(Debug, Clone)]
pub struct Scramble(Feistel);

impl Scramble {
    /// The permutation that `seed` stands for.
    pub fn new(seed: u64) -> Self {
        Self(Feistel::new(32, seed))
    }

    /// Where `x` goes.
    pub fn apply(&self, x: u64) -> u64 {
        self.0.forward(x)
    }

    /// Where `y` came from.
    pub fn invert(&self, y: u64) -> u64 {
        self.0.backward(y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn permutations_can_be_undone(n in 1u64..5_000_000, seed: u64, x: u64) {
            let p = Permutation::new(n, seed);
            let x = x % n;
            let y = p.apply(x);
            prop_assert!(y < n);
            prop_assert_eq!(p.invert(y), x);
            prop_assert_eq!(p.apply(p.invert(x)), x);
        }

        #[test]
        fn scrambles_can_be_undone(seed: u64, x: u64) {
            let s = Scramble::new(seed);
            prop_assert_eq!(s.invert(s.apply(x)), x);
        }
    }

    #[test]
    fn small_permutations_are_complete() {
        for n in [1, 2, 3, 10, 257] {
            let p = Permutation::new(n, 7);
            let mut seen: Vec<u64> = (0..n).map(|x| p.apply(x)).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..n).collect::<Vec<_>>());
        }
    }
}
