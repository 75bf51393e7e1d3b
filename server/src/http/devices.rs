//! `/api/v1/devices`: the devices of a person; for an admin, those of the people in the region.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use shared::audit::{Act, Sort};
use shared::ids::{DeviceId, UserId};
use shared::role::Role;
use tracing::info;

use super::Relay;
use super::problem::Problem;
use super::session::SignedIn;
use crate::store::person::DirectoryRange;
use crate::store::{Store, StoreError};

/// A device, as its owner or an admin sees it.
#[derive(Serialize)]
pub(super) struct DeviceRow {
    device: DeviceId,
    user: UserId,
    name: String,
    enrolled_at: u64,
    seen_at: Option<u64>,
    revoked_at: Option<u64>,
    /// Whether the owner is signed in there.
    is_signed_in: bool,
    /// Whether it is the one that asks.
    is_this: bool,
}

/// `GET /api/v1/devices`.
pub(super) async fn list(
    State(relay): State<Relay>,
    session: SignedIn,
) -> Result<Json<Vec<DeviceRow>>, Problem> {
    let now = relay.clock().wall_ms();
    let rows = relay.ask(move |store| {
        let mut owners = vec![session.user.clone()];
        for entry in store.directory(&session.user, &DirectoryRange::WHOLE)? {
            if entry.user != session.user && administers(store, &session.user, &entry.user)? {
                owners.push(entry.user);
            }
        }
        let mut rows = Vec::new();
        for owner in owners {
            let signed_in = store.signed_in_devices(&owner, now)?;
            rows.extend(store.devices(&owner)?.into_iter().map(|device| DeviceRow {
                is_signed_in: signed_in.contains(&device.device),
                device: device.device,
                user: device.owner,
                name: device.name,
                enrolled_at: device.enrolled_at,
                seen_at: device.seen_at,
                revoked_at: device.revoked_at,
                is_this: device.device == session.device,
            }));
        }
        Ok(rows)
    });
    Ok(Json(rows.await?))
}

/// `DELETE /api/v1/devices/{id}`: takes nothing from the device any more.
pub(super) async fn revoke(
    State(relay): State<Relay>,
    session: SignedIn,
    Path(device): Path<String>,
) -> Result<StatusCode, Problem> {
    // Whatever is no device's id is the id of no device.
    let device: DeviceId = device.parse().map_err(|_| Problem::NotFound)?;
    let (user, now) = (session.user.clone(), relay.clock().wall_ms());
    let is_revoked = relay
        .ask(move |store| {
            let Some(row) = store.device(device)? else { return Ok(false) };
            let is_allowed = row.owner == user || administers(store, &user, &row.owner)?;
            if is_allowed {
                store.revoke(device, now)?;
            }
            Ok(is_allowed)
        })
        .await?;
    // That another person's device exists is not told.
    if !is_revoked {
        return Err(Problem::NotFound);
    }
    relay.rights().changed();
    let asked = Act::new(relay.clock().wall_ms(), Sort::DeviceRevoked).of(&session.user).on(session.device);
    relay.trail().tell(asked.saying(format!("this person revoked device {}", device.short())));
    relay.connections().revoke(device);
    info!(user = %session.user, device = device.short(), "{} revoked a device", session.user);
    Ok(StatusCode::NO_CONTENT)
}

/// Whether one person is admin of a feed that the other has a role in.
fn administers(store: &dyn Store, admin: &UserId, other: &UserId) -> Result<bool, StoreError> {
    let roles = store.roles(admin)?;
    let others = store.roles(other)?;
    Ok(roles.iter().any(|(feed, role)| *role == Role::Admin && others.contains_key(feed)))
}
