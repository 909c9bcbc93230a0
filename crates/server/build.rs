//! Names each file of `assets/` after its content, so that browsers may keep it for ever.

#![expect(clippy::expect_used, reason = "a build that can't read its own files has to stop")]

use std::{env, fmt::Write, fs, path::Path};

use sha2::{Digest, Sha256};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let folder = Path::new(&root).join("assets");
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=templates");
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("assets").map(|f| f.expect("an entry").path()).collect();
    files.sort();
    let mut rust = String::from("&[");
    for file in files {
        let name = file.file_name().and_then(|n| n.to_str()).expect("a plain name");
        let bytes = fs::read(&file).expect("a readable file");
        let hash = Sha256::digest(&bytes).iter().take(8).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let (stem, ending) = name.rsplit_once('.').expect("a name with an ending");
        let path = file.display().to_string();
        let _ = write!(
            rust,
            "Asset {{ name: {name:?}, path: \"/assets/{stem}.{hash}.{ending}\", bytes: include_bytes!({path:?}) }},"
        );
    }
    rust.push(']');
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("assets.rs"), rust).expect("a writable target folder");
}
