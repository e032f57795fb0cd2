//! What a case is.

use std::{fmt, future::Future, pin::Pin};

use crate::{capabilities::Need, ctx::Ctx, outcome::Outcome};

/// A future on the heap, such as a running case.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One law, with the code that tries it on a store.
pub struct Case {
    /// The stable name, such as `CAS-006`; never used again for another law.
    pub id: &'static str,
    /// The law as an identifier, such as `a_stale_save_changes_nothing`.
    pub name: &'static str,
    /// The group the case belongs to.
    pub group: Group,
    /// What a store must claim, and a machine must have, for the case to say something.
    pub needs: &'static [Need],
    /// Tries the law.
    pub run: for<'a> fn(&'a Ctx) -> BoxFuture<'a, Outcome>,
}

impl Case {
    /// Returns the law as a sentence, such as `a stale save changes nothing`.
    #[must_use]
    pub fn title(&self) -> String {
        self.name.replace('_', " ")
    }

    /// Returns the level of which the case is a part.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.group.level()
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({} {})", self.id, self.name)
    }
}

/// How much a store has shown when all cases of this level and the ones before it pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The contract holds for one caller at a time.
    Core,
    /// It holds for many callers at once.
    Concurrent,
    /// It holds across restarts, crashes and processes.
    Durable,
    /// It holds on a damaged medium.
    Hardened,
}

macro_rules! groups {
    ($($group:ident $letters:literal $level:ident $about:literal;)*) => {
        /// What cases of one group are about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Group {
            $(#[doc = $about] $group,)*
        }

        impl Group {
            /// All groups, in the order of their reports.
            pub const ALL: &[Self] = &[$(Self::$group,)*];

            /// Returns the letters that the ids of the group's cases begin with.
            #[must_use]
            pub const fn letters(self) -> &'static str {
                match self { $(Self::$group => $letters,)* }
            }

            /// Returns what the group is about, as a sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$group => $about,)* }
            }

            /// Returns the level that the group's cases are part of.
            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Self::$group => Level::$level,)* }
            }
        }
    };
}

groups! {
    Crud "CRUD" Core "Loading, saving and deleting.";
    Cre "CRE" Core "Creating a session where there is none.";
    Cas "CAS" Concurrent "Every write names the revision it replaces.";
    Exp "EXP" Core "A dead session is an absent one.";
    Tch "TCH" Core "Touching moves the times and nothing else.";
    Lst "LST" Concurrent "Listing sessions.";
    Bnd "BND" Concurrent "The cap on the number of sessions.";
    Gc "GC" Concurrent "Sweeping dead sessions.";
    Key "KEY" Core "Every 16 bytes are a key.";
    Val "VAL" Core "Any bytes of any length are data.";
    Sec "SEC" Core "Nothing secret leaks, nothing foreign is touched.";
    Cor "COR" Hardened "Damaged records are refused.";
    Err "ERR" Core "Errors say what is known.";
    Neg "NEG" Core "What is claimed is there, and nothing else.";
    Rti "RTI" Concurrent "Runtimes, threads and blocking.";
    Rst "RST" Durable "Closing and opening again.";
    Obj "OBJ" Core "Live objects end with their session.";
    Lin "LIN" Concurrent "Recorded histories are linearizable.";
    Mbt "MBT" Concurrent "Random calls answer as a model does.";
    Can "CAN" Concurrent "Dropped futures.";
    Crs "CRS" Durable "Killed processes.";
    Mpr "MPR" Durable "Two processes on one store.";
    Net "NET" Durable "A server behind a line that breaks.";
    Rot "ROT" Concurrent "Rotation and login, through the core.";
    Kil "KIL" Concurrent "Killed stays killed, through the core.";
    Com "COM" Concurrent "Combined commits, through the core.";
    Coo "COO" Concurrent "Cookies, through the core.";
}
