//! The worker: a process that holds the one-time token, does its job and ends.

use std::io::{BufReader, stdin, stdout};

use crate::out::{DONE, Failure};

/// Does the job that comes on standard input.
pub async fn work() -> Result<u8, Failure> {
    harden()?;
    let mut input = BufReader::new(stdin());
    transom_engine::setup::work(&mut input, &mut stdout()).await;
    Ok(DONE)
}

/// No core file of this process, and its memory for nobody else of the same user: what is in it could sign in as a Super
/// Administrator.
fn harden() -> Result<(), Failure> {
    no_core()?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(std::io::Error::from)?;
    Ok(())
}

/// No core file, of this process and those that it starts.
pub fn no_core() -> Result<(), Failure> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(std::io::Error::from)?;
    Ok(())
}
