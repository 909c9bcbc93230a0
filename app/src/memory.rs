//! How the system's allocator is to keep memory.

/// Lets threads share two of glibc's arenas. By default each thread gets its own, and what one has freed serves no
/// other: a sync then holds about a fifth more, 111 MB where it was 91 to 95 (docs/adr/0007). Elsewhere it does nothing.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the allocator is set by a function of C")]
pub fn few_arenas() {
    use std::ffi::c_int;
    /// `M_ARENA_MAX` of glibc's malloc.h.
    const ARENA_MAX: c_int = -8;
    unsafe extern "C" {
        fn mallopt(parameter: c_int, value: c_int) -> c_int;
    }
    // SAFETY: mallopt (glibc, mallopt(3)) takes two numbers and may be called at any time; a value it does not take
    // changes nothing.
    unsafe {
        mallopt(ARENA_MAX, 2);
    }
}

/// Lets threads share arenas, where the allocator is glibc's: here it is not.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn few_arenas() {}
