//! The mark of the receipts' key that all relays on the database share.

use shared::sync::relay::entry::ReceiptKey;

use super::super::{KeyMark, Result, Sharing, StoreError};
use super::link::Link;
use super::reading::id;

/// The mark of the key that holds.
pub(super) async fn mark(link: &Link) -> Result<Option<KeyMark>> {
    let marks = link.query("SELECT mark FROM receipt_keys", &[]).await?;
    marks.first().map(|row| id(row, 0)).transpose()
}

/// See [`super::super::Store::agree_on_receipt_key`].
pub(super) async fn agree(link: &Link, key: &ReceiptKey) -> Result<()> {
    link.run("LOCK TABLE receipt_keys IN EXCLUSIVE MODE").await?;
    match mark(link).await? {
        None => {
            link.execute("INSERT INTO receipt_keys VALUES ($1)", &[&key.mark().as_slice()]).await?;
            Ok(())
        }
        Some(mark) if mark == *key.mark() => Ok(()),
        Some(_) => Err(StoreError::OtherReceiptKey(Sharing::Shared)),
    }
}
