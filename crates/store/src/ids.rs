//! Lists of entity ids as a few bytes each: ascending, deltas as LEB128.

use transom_core::EntityId;

/// Appends a number as LEB128.
pub(crate) fn push(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The numbers that [`push`] appended.
pub(crate) fn pull(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let mut bytes = bytes.iter();
    std::iter::from_fn(move || {
        let (mut number, mut shift) = (0u64, 0u32);
        for byte in bytes.by_ref() {
            number |= u64::from(byte & 0x7f).wrapping_shl(shift);
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    })
}

/// Packs ids; order and repetitions are lost.
pub(crate) fn pack(mut ids: Vec<i64>) -> Vec<u8> {
    ids.sort_unstable();
    ids.dedup();
    let mut out = Vec::with_capacity(ids.len() * 2);
    let mut last = 0i64;
    for id in ids {
        push(&mut out, id.wrapping_sub(last).unsigned_abs());
        last = id;
    }
    out
}

/// Appends the ids packed in `bytes`.
pub(crate) fn unpack(bytes: &[u8], into: &mut Vec<EntityId>) {
    let mut last = 0i64;
    into.extend(pull(bytes).map(|delta| {
        last = last.wrapping_add_unsigned(delta);
        EntityId(last)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers in proptest::collection::vec(any::<u64>(), 0..50)) {
            let mut packed = Vec::new();
            numbers.iter().for_each(|n| push(&mut packed, *n));
            prop_assert_eq!(pull(&packed).collect::<Vec<_>>(), numbers);
        }

        #[test]
        fn comes_back_sorted_and_once(ids in proptest::collection::vec(0i64..i64::MAX, 0..50)) {
            let mut back = Vec::new();
            unpack(&pack(ids.clone()), &mut back);
            let mut want = ids;
            want.sort_unstable();
            want.dedup();
            prop_assert_eq!(back.into_iter().map(|e| e.0).collect::<Vec<_>>(), want);
        }
    }
}
