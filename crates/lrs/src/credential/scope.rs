//! xAPI's scopes (1.0.3, Communication 4.2 "Authorization scope"), Tessera's `admin`, and what each permits.

use std::fmt;

/// One scope. The bits are those of [`Scopes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Scope {
    /// Everything in xAPI, but not `admin`.
    All = 1,
    AllRead = 1 << 1,
    StatementsWrite = 1 << 2,
    StatementsRead = 1 << 3,
    /// Statements whose authority is the credential's own.
    StatementsReadMine = 1 << 4,
    State = 1 << 5,
    Profile = 1 << 6,
    /// May change what is known of activities and agents by what its statements say.
    Define = 1 << 7,
    /// Tenants, keys and launch tenants of the whole server; no xAPI data.
    Admin = 1 << 8,
}

impl Scope {
    pub const ALL: [Scope; 9] = [
        Scope::All,
        Scope::AllRead,
        Scope::StatementsWrite,
        Scope::StatementsRead,
        Scope::StatementsReadMine,
        Scope::State,
        Scope::Profile,
        Scope::Define,
        Scope::Admin,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::All => "all",
            Scope::AllRead => "all/read",
            Scope::StatementsWrite => "statements/write",
            Scope::StatementsRead => "statements/read",
            Scope::StatementsReadMine => "statements/read/mine",
            Scope::State => "state",
            Scope::Profile => "profile",
            Scope::Define => "define",
            Scope::Admin => "admin",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Scope::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an operation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    WriteStatements,
    /// Anybody's.
    ReadStatements,
    /// Those of the credential's own authority at least.
    ReadOwnStatements,
    ReadState,
    WriteState,
    ReadProfile,
    WriteProfile,
    /// What is known of activities and agents (the Activities and Agents resources).
    ReadDefinitions,
    Define,
    Administer,
}

impl Permission {
    /// The scopes of which any one permits it.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        use Scope::{
            Admin, All, AllRead, Define, Profile, State, StatementsRead, StatementsReadMine,
            StatementsWrite,
        };
        match self {
            Permission::WriteStatements => Scopes::of(&[All, StatementsWrite]),
            Permission::ReadStatements => Scopes::of(&[All, AllRead, StatementsRead]),
            Permission::ReadOwnStatements => {
                Scopes::of(&[All, AllRead, StatementsRead, StatementsReadMine])
            }
            Permission::ReadState => Scopes::of(&[All, AllRead, State]),
            Permission::WriteState => Scopes::of(&[All, State]),
            Permission::ReadProfile => Scopes::of(&[All, AllRead, Profile]),
            Permission::WriteProfile => Scopes::of(&[All, Profile]),
            Permission::ReadDefinitions => Scopes::of(&[
                All,
                AllRead,
                StatementsRead,
                StatementsReadMine,
                State,
                Profile,
                Define,
            ]),
            Permission::Define => Scopes::of(&[All, Define]),
            Permission::Administer => Scopes::of(&[Admin]),
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u16);

impl Scopes {
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | *scope as u16))
    }

    #[must_use]
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope as u16 != 0
    }

    #[must_use]
    pub fn permits(self, permission: Permission) -> bool {
        self.0 & permission.scopes().0 != 0
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Names in the order of [`Scope::ALL`], with blanks between, as OAuth writes them.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}
