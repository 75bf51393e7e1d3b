//! What a restore carries over from the store that it replaces.

use super::{Result, Store};

/// Carries over the settings of feeds that were set since the backup, each with its number, so that none that was tightened
/// comes back loose. A feed that the restored store lacks is passed over. Again changes nothing.
///
/// # Errors
/// When either store fails.
pub fn carry_settings(from: &dyn Store, to: &dyn Store) -> Result<()> {
    let there = to.feeds()?;
    for feed in from.feeds()?.keys().filter(|feed| there.contains_key(*feed)) {
        let last = to.settings(feed)?.iter().map(|row| row.number).max().unwrap_or(0);
        for row in from.setting_history(feed, last + 1)? {
            // Numbers are at least the time: given that as the time, this one comes out again.
            to.put_setting(feed, &row.key, &row.value, &row.by, row.number)?;
        }
    }
    Ok(())
}
