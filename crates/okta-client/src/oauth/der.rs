//! As much DER (X.690) as a key takes: numbers in a sequence.

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;

/// The contents of a sequence's numbers, without leading zeros; `None` for anything else.
pub fn integers(der: &[u8]) -> Option<Vec<&[u8]>> {
    let (mut rest, after) = value(der, SEQUENCE)?;
    if !after.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (number, next) = value(rest, INTEGER)?;
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        found.push(&number[zeros..]);
        rest = next;
    }
    Some(found)
}

/// The contents of the first value, which must be of this kind, and what follows it.
fn value(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match length {
        short if short < 0x80 => (usize::from(short), rest),
        long => {
            let count = usize::from(long & 0x7f);
            let bytes = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
            (bytes.iter().fold(0, |all, byte| all << 8 | usize::from(*byte)), &rest[count..])
        }
    };
    (found == kind && length <= rest.len()).then(|| rest.split_at(length))
}

/// A sequence of numbers, each given by its bytes.
pub fn sequence(numbers: &[&[u8]]) -> Vec<u8> {
    let mut contents = Vec::new();
    for number in numbers {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let number = &number[zeros..];
        // A number whose first bit is set would be negative, and one without bytes none.
        let pad = number.first().is_none_or(|byte| *byte >= 0x80);
        contents.push(INTEGER);
        push_length(&mut contents, number.len() + usize::from(pad));
        contents.extend(pad.then_some(0));
        contents.extend_from_slice(number);
    }
    let mut out = vec![SEQUENCE];
    push_length(&mut out, contents.len());
    out.append(&mut contents);
    out
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(length as u8);
        return;
    }
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    out.push(0x80 | (bytes.len() - zeros) as u8);
    out.extend_from_slice(&bytes[zeros..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_there_and_back() {
        let long = [0xff; 300];
        let numbers: [&[u8]; 4] = [&[], &[0x7f], &[0x80, 1], &long];
        let der = sequence(&numbers);
        assert_eq!(integers(&der), Some(numbers.to_vec()));
        assert_eq!(sequence(&[&[0, 0, 5], &[0x80]]), [0x30, 7, 2, 1, 5, 2, 2, 0, 0x80]);
        for cut in 0..der.len() {
            assert_eq!(integers(&der[..cut]), None);
        }
        assert_eq!(integers(&[0x30, 3, 2, 1, 5, 0]), None, "what follows is no part of it");
        assert_eq!(integers(&[0x30, 2, 3, 0]), None);
    }
}
