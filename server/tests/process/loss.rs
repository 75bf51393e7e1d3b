//! The ways to lose a right, for the tests that take them all.

use shared::wire::code::ByeCode;

/// Every way.
pub const LOSSES: [Loss; 5] = [Loss::Disabled, Loss::Password, Loss::Role, Loss::Device, Loss::SignedOut];

/// A way to lose a right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    Disabled,
    Password,
    Role,
    Device,
    /// Signed out elsewhere: at another relay, where there is one.
    SignedOut,
}

impl Loss {
    /// How an open connection ends.
    #[allow(dead_code, reason = "not every test holds a connection open")]
    pub fn bye(self) -> ByeCode {
        match self {
            Self::Disabled => ByeCode::AccountDisabled,
            Self::Password | Self::SignedOut => ByeCode::SessionEnded,
            Self::Device => ByeCode::DeviceRevoked,
            // The person comes back, and sees less.
            Self::Role => ByeCode::Restarting,
        }
    }
}
