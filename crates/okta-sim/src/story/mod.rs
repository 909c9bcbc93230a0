//! Situations that real orgs get into, one file each. They are played into every org at the start; `Config::story`
//! plays one alone. A story only uses [`Change`], so that the System Log tells of it too.

use crate::org::change::Change;

/// A situation.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Its name, as in its file.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// Plays it. Deterministic: the same org, the same people.
    pub play: fn(&mut Change<'_>),
}

/// Turns a list of names into modules and the slice of their `STORY`s: a new story is one file and one word.
macro_rules! catalogue {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*
        /// Every situation.
        pub const STORIES: &[Story] = &[$($name::STORY),*];
    };
}

catalogue!(admin_sprawl, leaver_kept_access, shadow_admin_group, stale_super_admin_token, dormant_accounts);

/// The story with a name.
pub fn find(name: &str) -> Option<&'static Story> {
    STORIES.iter().find(|story| story.name == name)
}
