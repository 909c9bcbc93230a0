//! Lists of entity ids as a few bytes each: ascending, deltas as LEB128.

use transom_core::EntityId;

/// Packs ids; order and repetitions are lost.
pub(crate) fn pack(mut ids: Vec<i64>) -> Vec<u8> {
    ids.sort_unstable();
    ids.dedup();
    let mut out = Vec::with_capacity(ids.len() * 2);
    let mut last = 0i64;
    for id in ids {
        let mut delta = id.wrapping_sub(last).unsigned_abs();
        last = id;
        while delta >= 0x80 {
            out.push((delta & 0x7f) as u8 | 0x80);
            delta >>= 7;
        }
        out.push(delta as u8);
    }
    out
}

/// Appends the ids packed in `bytes`.
pub(crate) fn unpack(bytes: &[u8], into: &mut Vec<EntityId>) {
    let mut last = 0i64;
    let (mut delta, mut shift) = (0u64, 0u32);
    for byte in bytes {
        delta |= u64::from(byte & 0x7f).wrapping_shl(shift);
        shift += 7;
        if byte & 0x80 == 0 {
            last = last.wrapping_add_unsigned(delta);
            into.push(EntityId(last));
            (delta, shift) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
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
