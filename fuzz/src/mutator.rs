/// The longest input, in bytes.
const LONGEST: usize = 4096;

/// How many inputs are kept to be changed again.
const KEPT: usize = 256;

/// Bytes that mean something to one codec or another.
const SEEDS: [&[u8]; 8] = [
    b"",
    b"line\nline\r\n\rline",
    b"one,two;three\n",
    b"\x00\x00\x00\x05hello\x00\x00\x00\x00",
    b"\x05\x00hello\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    "aé€𝄞\n".as_bytes(),
    b"\xc3\n\x28\xf0\x9f\n",
];

/// Makes inputs by changing earlier ones: the same seed makes the same inputs.
#[derive(Debug)]
pub struct Mutator {
    state: u64,
    corpus: Vec<Vec<u8>>,
}

impl Mutator {
    /// A mutator that starts with a few inputs of each kind.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            corpus: SEEDS.iter().map(|seed| seed.to_vec()).collect(),
        }
    }

    /// The next number, by splitmix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// The next input.
    pub fn input(&mut self) -> Vec<u8> {
        let from = self.below(self.corpus.len());
        let mut input = self.corpus[from].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        if self.below(8) == 0 {
            if self.corpus.len() < KEPT {
                self.corpus.push(input.clone());
            } else {
                let at = self.below(KEPT);
                self.corpus[at].clone_from(&input);
            }
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = at + self.below(input.len() - at + 1);
        match self.below(6) {
            0 => input.insert(at, self.next() as u8),
            1 => drop(input.drain(at..end)),
            2 => {
                let part = input[at..end].to_vec();
                input.extend_from_slice(&part);
            }
            3 => {
                let seed = self.below(SEEDS.len());
                input.splice(at..at, SEEDS[seed].iter().copied());
            }
            4 => {
                let other = self.below(self.corpus.len());
                let other = &self.corpus[other];
                input.extend_from_slice(&other[..other.len().min(64)]);
            }
            _ => {
                let flip = self.next();
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << (flip % 8);
                }
            }
        }
    }
}
