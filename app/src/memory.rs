//! The allocator: glibc's spends a fifth of a sync in itself. With jemalloc a sync takes a sixth less processor time, and
//! with two arenas hardly more memory (docs/adr/0007).
#![cfg(all(target_os = "linux", target_env = "gnu"))]

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What jemalloc reads when it starts (jemalloc(3), TUNING): two arenas for all threads, and memory that was not used for
/// a tenth of a second goes back.
#[unsafe(export_name = "malloc_conf")]
#[expect(unsafe_code, reason = "jemalloc finds its settings by this name")]
static SETTINGS: &[u8; 46] = b"narenas:2,dirty_decay_ms:100,muzzy_decay_ms:0\0";
