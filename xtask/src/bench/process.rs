//! What a process used, from `/proc` (Linux).

use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::clock::Stopwatch;

/// CPU time of a running process so far, all threads.
pub fn cpu(pid: u32) -> Result<Duration> {
    ticks(&format!("/proc/{pid}/stat"), 11)
}

/// CPU time of all our children that have ended and were waited for.
fn cpu_of_ended_children() -> Result<Duration> {
    ticks("/proc/self/stat", 13)
}

/// Two neighbouring fields of a `stat` file, in clock ticks; counted from after the name, which may hold spaces.
fn ticks(path: &str, first: usize) -> Result<Duration> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {path}: the bench needs Linux"))?;
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
    let field = |n: usize| {
        fields.get(n).and_then(|f| f.parse::<u64>().ok()).with_context(|| format!("{path}: {text}"))
    };
    // Linux has told userland 100 ticks a second on every platform for twenty years.
    Ok(Duration::from_millis((field(first)? + field(first + 1)?) * 10))
}

/// What one child took.
pub struct Usage {
    pub wall: Duration,
    pub cpu: Duration,
    /// Its largest resident size in bytes, to within 20 ms of its end.
    pub peak_memory: u64,
}

/// Runs a command to its end; returns its standard output and what it took. A failure names its standard error.
pub fn measure(command: &mut Command) -> Result<(std::process::Output, Usage)> {
    use std::process::Stdio;
    let before = cpu_of_ended_children()?;
    let watch = Stopwatch::start();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (output, peak_memory) = wait(child)?;
    let usage =
        Usage { wall: watch.elapsed(), cpu: cpu_of_ended_children()?.saturating_sub(before), peak_memory };
    Ok((output, usage))
}

fn wait(child: Child) -> Result<(std::process::Output, u64)> {
    let pid = child.id();
    let waiting = std::thread::spawn(move || child.wait_with_output());
    let mut peak = 0;
    while !waiting.is_finished() {
        peak = peak.max(high_water(pid).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = waiting.join().expect("the waiting thread does not panic")?;
    Ok((output, peak))
}

/// `VmHWM`: the kernel keeps the maximum itself, so that sampling misses only the last moments.
pub fn high_water(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_measured() {
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done";
        let (output, usage) = measure(Command::new("sh").args(["-c", work])).expect("measured");
        assert_eq!(output.stdout, b"done\n");
        assert!(usage.peak_memory > 100_000, "{}", usage.peak_memory);
        assert!(usage.cpu > Duration::ZERO && usage.wall > Duration::ZERO);
    }
}
