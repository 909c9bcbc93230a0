//! Devices, computed from the place of the user who registered them: an org of a million keeps none of them.

use super::people::DAY;
use super::permutation::hash;

/// How many device numbers a place has.
const SLOTS: u64 = 4;

/// A device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Number, for the id.
    pub n: u64,
    /// Platform, maker, model, version of the operating system.
    pub model: &'static (&'static str, &'static str, &'static str, &'static str),
    /// Chance, for what nothing depends on.
    pub chance: u64,
    /// Status while its user is there.
    pub status: &'static str,
    /// When registered.
    pub created: i64,
    /// When signals were last collected.
    pub last_updated: i64,
}

const MODELS: [(&str, &str, &str, &str); 8] = [
    ("WINDOWS", "Dell Inc.", "Latitude 7440", "10.0.22631.4169"),
    ("WINDOWS", "LENOVO", "21HMS0HX00", "10.0.19045.3086"),
    ("MACOS", "APPLE", "Mac14,7", "15.1.0"),
    ("MACOS", "APPLE", "MacBookPro16,2", "12.7.6"),
    ("IOS", "APPLE", "iPhone15,4", "18.5.0"),
    ("IOS", "APPLE", "iPhone12,1", "16.7.10"),
    ("ANDROID", "samsung", "SM-S921B", "16:2025-09-01"),
    ("ANDROID", "Google", "Pixel 6", "13:2023-05-05"),
];

/// How many devices the user at a place registered: 1.2 on average.
fn count(seed: u64, place: u32) -> u64 {
    [0, 0, 1, 1, 1, 1, 1, 2, 2, 3][(hash(seed, u64::from(place), 0xdef1) % 10) as usize]
}

/// The numbers of the devices from `first` on, of the users at places below `places`.
pub fn numbers(seed: u64, first: u64, places: u32) -> impl Iterator<Item = u64> {
    let from = u32::try_from(first / SLOTS).unwrap_or(places).min(places);
    let of_place = move |place: u32| (0..count(seed, place)).map(move |k| u64::from(place) * SLOTS + k);
    (from..places).flat_map(of_place).filter(move |n| *n >= first)
}

/// The place of the user who registered a device; `None` where there is no such device.
pub fn place(seed: u64, n: u64, places: u32) -> Option<u32> {
    let place = u32::try_from(n / SLOTS).ok().filter(|place| *place < places)?;
    (n % SLOTS < count(seed, place)).then_some(place)
}

/// A device of a user who was created at `joined`.
pub fn device(seed: u64, as_of: i64, n: u64, joined: i64) -> Device {
    let chance = hash(seed, n, 0xdef2);
    // The first device is a computer, the others are phones, mostly.
    let model =
        (chance % 4 + if n.is_multiple_of(SLOTS) && !chance.is_multiple_of(5) { 0 } else { 4 }) as usize;
    let status = match chance >> 8 & 0x3f {
        0 => "DEACTIVATED",
        1..=3 => "SUSPENDED",
        _ => "ACTIVE",
    };
    let created =
        joined + (((as_of - joined) as f64) * ((chance >> 16 & 0xff) as f64 / 256.0)) as i64 / 1000 * 1000;
    let last_updated = (as_of - (chance >> 24 & 0x1ff) as i64 * DAY / 4).max(created);
    Device { n, model: &MODELS[model], chance, status, created, last_updated }
}

impl Device {
    /// A serial number.
    pub fn serial(&self) -> String {
        let digits = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        (0..10u32).map(|i| char::from(digits[(self.chance.rotate_left(i * 6) % 34) as usize])).collect()
    }

    /// Whether management software is on it: on most computers and few phones.
    pub fn managed(&self) -> bool {
        let most = matches!(self.model.0, "WINDOWS" | "MACOS");
        (self.chance >> 33 & 0xf) < if most { 13 } else { 4 }
    }

    /// The kind of screen lock.
    pub fn lock(&self) -> &'static str {
        match self.chance >> 37 & 0x1f {
            0 => "NONE",
            1..=9 => "PASSCODE",
            _ => "BIOMETRIC",
        }
    }

    /// What of its disk is encrypted, in the words of its platform [spec]; iPhones do not say [rec].
    pub fn encryption(&self) -> Option<&'static str> {
        let on = self.chance >> 42 & 0xf != 0;
        match self.model.0 {
            "IOS" => None,
            "ANDROID" => Some(if on { "USER" } else { "NONE" }),
            _ => Some(if on { "ALL_INTERNAL_VOLUMES" } else { "SYSTEM_VOLUME" }),
        }
    }

    /// Whether somebody else uses it too.
    pub fn shared(&self) -> bool {
        self.chance >> 47 & 0x1f == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_after_any_device() {
        let all: Vec<u64> = numbers(1, 0, 500).collect();
        assert!((500..=700).contains(&all.len()), "{}", all.len());
        for (at, n) in all.iter().enumerate() {
            assert!(numbers(1, n + 1, 500).eq(all[at + 1..].iter().copied()));
            assert_eq!(place(1, *n, 500), Some((n / SLOTS) as u32));
        }
        assert_eq!((0..2_000).filter(|n| place(1, *n, 500).is_some()).count(), all.len());
        assert_eq!(place(1, u64::MAX, 500), None);
    }
}
