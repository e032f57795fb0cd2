//! What a store claims, and what a case needs.

/// What a store claims; each claim unlocks cases, and what is not claimed must not be there.
///
/// ```
/// use conformance_tests::{Capabilities, Durability};
///
/// const CAPS: Capabilities = Capabilities::PLAIN.directory().cap().durability(Durability::ProcessCrash);
/// assert!(CAPS.directory && CAPS.reopen && !CAPS.objects);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// It lists sessions. In words: `directory`.
    pub directory: bool,
    /// It keeps live objects. In words: `objects`.
    pub objects: bool,
    /// It can be opened with a cap that evicts, by `Backend::open_capped`. In words: `cap`.
    pub cap: bool,
    /// Opening a namespace again finds the sessions of the first time. In words: `reopen`.
    pub reopen: bool,
    /// A namespace may be open several times at once, in one process and in several. In words: `shared`.
    pub shared: bool,
    /// It keeps its sessions in a folder of a file system, `Backend::folder`. In words: `folder`.
    pub folder: bool,
    /// The bytes of a record can be read and damaged, by `Backend::medium`. In words: `medium`.
    pub medium: bool,
    /// It speaks to a server over TCP and can be sent another way, by `Backend::open_through`. In words: `server`.
    pub server: bool,
    /// What an answered write outlives. In words: nothing, `process_crash` or `power_loss`.
    pub durability: Durability,
}

/// What an answered write outlives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Nothing: it is gone with the process.
    #[default]
    Volatile,
    /// A killed process.
    ProcessCrash,
    /// A killed process and the loss of power.
    PowerLoss,
}

impl Capabilities {
    /// A store with the trait `Store` and nothing else.
    pub const PLAIN: Self = Self {
        directory: false,
        objects: false,
        cap: false,
        reopen: false,
        shared: false,
        folder: false,
        medium: false,
        server: false,
        durability: Durability::Volatile,
    };

    /// Claims that it lists sessions.
    #[must_use]
    pub const fn directory(mut self) -> Self {
        self.directory = true;
        self
    }

    /// Claims that it keeps live objects.
    #[must_use]
    pub const fn objects(mut self) -> Self {
        self.objects = true;
        self
    }

    /// Claims that it can be opened with a cap.
    #[must_use]
    pub const fn cap(mut self) -> Self {
        self.cap = true;
        self
    }

    /// Claims that sessions are found again when a namespace is opened again.
    #[must_use]
    pub const fn reopen(mut self) -> Self {
        self.reopen = true;
        self
    }

    /// Claims that a namespace may be open several times at once, which includes opening it again.
    #[must_use]
    pub const fn shared(mut self) -> Self {
        self.shared = true;
        self.reopen = true;
        self
    }

    /// Claims that sessions are kept in a folder.
    #[must_use]
    pub const fn folder(mut self) -> Self {
        self.folder = true;
        self
    }

    /// Claims that the bytes of a record can be read and damaged.
    #[must_use]
    pub const fn medium(mut self) -> Self {
        self.medium = true;
        self
    }

    /// Claims that it speaks to a server over TCP, where a namespace may be open several times at once.
    #[must_use]
    pub const fn server(mut self) -> Self {
        self.server = true;
        self.shared()
    }

    /// Claims what an answered write outlives; more than [`Durability::Volatile`] includes opening again.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self.reopen = self.reopen || !matches!(durability, Durability::Volatile);
        self
    }

    /// Returns whether the need is met by what is claimed; needs of the machine always are.
    #[must_use]
    pub fn meet(&self, need: Need) -> bool {
        match need {
            Need::Directory => self.directory,
            Need::Objects => self.objects,
            Need::Cap => self.cap,
            Need::Reopen => self.reopen,
            Need::Shared => self.shared,
            Need::Folder => self.folder,
            Need::Medium => self.medium,
            Need::Server => self.server,
            Need::ProcessCrash => self.durability >= Durability::ProcessCrash,
            Need::PowerLoss => self.durability >= Durability::PowerLoss,
            Need::Strace => true,
        }
    }
}

macro_rules! needs {
    ($($need:ident $word:ident $reason:literal;)*) => {
        /// What a case needs: a claim of the store, or a tool of the machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Need {
            $(#[doc = concat!("In words: `", stringify!($word), "`.")] $need,)*
        }

        impl Need {
            /// All needs there are.
            pub const ALL: &[Self] = &[$(Self::$need,)*];

            /// Returns the word of the need in `suite!` and in the lists of cases.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$need => stringify!($word),)* }
            }

            /// Returns why a case is skipped or not run when the need is not met.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$need => $reason,)* }
            }
        }

        /// Names a need by its word.
        macro_rules! need {
            $(($word) => { $crate::Need::$need };)*
        }
        pub(crate) use need;
    };
}

needs! {
    Directory directory "the store does not claim `directory`";
    Objects objects "the store does not claim `objects`";
    Cap cap "the store does not claim `cap`";
    Reopen reopen "the store does not claim `reopen`";
    Shared shared "the store does not claim `shared`";
    Folder folder "the store does not claim `folder`";
    Medium medium "the store does not claim `medium`";
    Server server "the store does not claim `server`";
    ProcessCrash process_crash "the store does not claim `process_crash`";
    PowerLoss power_loss "the store does not claim `power_loss`";
    Strace strace "strace is not installed on this machine";
}

impl Need {
    /// Returns whether it is something a store claims, and not a tool of the machine.
    #[must_use]
    pub const fn is_claim(self) -> bool {
        !matches!(self, Self::Strace)
    }

    /// Returns whether this machine has what is needed; claims of the store are no matter of the machine.
    #[must_use]
    pub fn is_on_this_machine(self) -> bool {
        match self {
            Self::Strace => in_path("strace"),
            _ => true,
        }
    }
}

fn in_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
