//! Every error that a client sees over HTTP: its status, and its words in both languages.
//!
//! This is the one place that turns errors into answers. What went wrong inside never leaks: it is logged
//! where it happens, and the client is told what it can do.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use headers::{ContentRange, HeaderMapExt};
use serde::Serialize;

use super::blobs::UPLOAD_OFFSET;
use crate::password::PasswordError;

/// What a request is refused for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No session, or one that is over.
    NotSignedIn,
    /// The user name or the password is wrong; which of them is not told.
    WrongPassword,
    /// The person was disabled.
    AccountDisabled,
    /// The device was revoked, and its session with it.
    DeviceRevoked,
    /// Somebody else set the password: it is to be changed before anything else.
    PasswordDue,
    /// The password that is to be changed is another.
    WrongOldPassword,
    /// The new password is the old one.
    PasswordUnchanged,
    /// The new password is not taken.
    PasswordRefused(PasswordError),
    /// A password was set by this link before.
    LinkUsed,
    /// The link was not used in time.
    LinkExpired,
    /// A newer link or password took the link's place.
    LinkReplaced,
    /// The link was taken back.
    LinkWithdrawn,
    /// There is no such link.
    LinkUnknown,
    /// Too many failed attempts, or too many people signing in at once.
    TooManyAttempts {
        /// Seconds after which another attempt is heard.
        retry_after_s: u64,
    },
    /// The device that the browser names belongs to somebody else.
    ForeignDevice,
    /// The device that the browser names was revoked: its data needs a new one.
    RevokedDevice,
    /// The page that asks is not one of this relay's.
    ForeignOrigin,
    /// A WebSocket's request came without `Upgrade`: a proxy in front does not pass it on.
    LostUpgrade,
    /// Known, but not for this person.
    Forbidden,
    /// Not there, or not for this person to know of.
    NotFound,
    /// The route exists with another method.
    MethodNotAllowed,
    /// The request is not what this route takes.
    Malformed,
    /// The body is over the route's limit.
    TooLarge,
    /// The body's type is not what this route takes.
    UnsupportedType,
    /// The request's body does not come on.
    TooSlow,
    /// A person asks too often, or for too much at once.
    TooManyRequests {
        /// Seconds after which the next request is heard.
        retry_after_s: u64,
    },
    /// The document is archived.
    Archived,
    /// The attachment is not there, and this much of it has come.
    BlobAbsent {
        /// Bytes that have come.
        offset: u64,
    },
    /// The attachment is over the limit.
    BlobTooLarge,
    /// The attachment is of a kind that is not taken, or of another than was said.
    BlobType,
    /// The attachment's bytes do not hash to its name.
    WrongHash,
    /// The part does not begin where the upload ends.
    WrongOffset {
        /// Bytes that have come.
        offset: u64,
    },
    /// The same upload comes in another request just now.
    UploadUnderWay,
    /// The feed has no room for the attachment.
    BlobQuota,
    /// The attachment has no such part.
    RangeNotSatisfiable {
        /// Bytes that it has.
        size_bytes: u64,
    },
    /// The document is too large, or too damaged, to be put together here.
    CannotBuildDocument,
    /// The relay is stopping, or cannot reach its store.
    Unavailable,
    /// A fault of the relay's own; it is logged.
    Internal,
}

/// The languages that the relay speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Bahasa Indonesia.
    Indonesian,
    /// English.
    English,
}

impl Language {
    /// The one of the two that the client would rather read; Indonesian where it does not say.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let weight = |wanted: &str| -> f32 {
            let ranges = accepted.unwrap_or_default().split(',').take(32);
            let weights = ranges.filter_map(|range| {
                let mut parts = range.split(';');
                let tag = parts.next()?.trim();
                let is_wanted = tag.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case(wanted))
                    && matches!(tag.as_bytes().get(2), None | Some(b'-'));
                let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
                is_wanted.then_some(quality.unwrap_or(1.0))
            });
            weights.fold(0.0, f32::max)
        };
        if weight("en") > weight("id") { Self::English } else { Self::Indonesian }
    }

    /// As in `lang` and `Content-Language`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::English => "en",
        }
    }
}

/// The body, as RFC 9457 writes it.
#[derive(Serialize)]
struct Body {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
}

impl Problem {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::NotSignedIn | Self::WrongPassword | Self::AccountDisabled | Self::DeviceRevoked => {
                StatusCode::UNAUTHORIZED
            }
            Self::TooManyAttempts { .. } | Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::ForeignDevice
            | Self::RevokedDevice
            | Self::ForeignOrigin
            | Self::Forbidden
            | Self::PasswordDue
            | Self::WrongOldPassword => StatusCode::FORBIDDEN,
            Self::NotFound | Self::BlobAbsent { .. } | Self::LinkUnknown => StatusCode::NOT_FOUND,
            Self::LinkUsed | Self::LinkExpired | Self::LinkReplaced | Self::LinkWithdrawn => StatusCode::GONE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::LostUpgrade => StatusCode::UPGRADE_REQUIRED,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge | Self::BlobTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType | Self::BlobType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Archived | Self::WrongOffset { .. } | Self::UploadUnderWay => StatusCode::CONFLICT,
            Self::BlobQuota => StatusCode::INSUFFICIENT_STORAGE,
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::CannotBuildDocument
            | Self::WrongHash
            | Self::PasswordUnchanged
            | Self::PasswordRefused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The last part of `type`, stable: programs tell problems apart by it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::WrongPassword => "wrong-password",
            Self::AccountDisabled => "account-disabled",
            Self::DeviceRevoked => "device-revoked",
            Self::PasswordDue => "password-due",
            Self::WrongOldPassword => "wrong-old-password",
            Self::PasswordUnchanged => "password-unchanged",
            Self::PasswordRefused(PasswordError::TooShort) => "password-too-short",
            Self::PasswordRefused(PasswordError::TooLong) => "password-too-long",
            Self::PasswordRefused(PasswordError::Common) => "password-common",
            Self::PasswordRefused(PasswordError::LikeName) => "password-like-name",
            Self::LinkUsed => "link-used",
            Self::LinkExpired => "link-expired",
            Self::LinkReplaced => "link-replaced",
            Self::LinkWithdrawn => "link-withdrawn",
            Self::LinkUnknown => "link-unknown",
            Self::TooManyAttempts { .. } => "too-many-attempts",
            Self::ForeignDevice => "foreign-device",
            Self::RevokedDevice => "revoked-device",
            Self::ForeignOrigin => "foreign-origin",
            Self::LostUpgrade => "lost-upgrade",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::UnsupportedType => "unsupported-type",
            Self::TooSlow => "too-slow",
            Self::TooManyRequests { .. } => "too-many-requests",
            Self::Archived => "archived",
            Self::BlobAbsent { .. } => "blob-absent",
            Self::BlobTooLarge => "blob-too-large",
            Self::BlobType => "blob-type",
            Self::WrongHash => "wrong-hash",
            Self::WrongOffset { .. } => "wrong-offset",
            Self::UploadUnderWay => "upload-under-way",
            Self::BlobQuota => "blob-quota",
            Self::RangeNotSatisfiable { .. } => "range-not-satisfiable",
            Self::CannotBuildDocument => "cannot-build-document",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Title and detail: what happened, and what can be done.
    fn words(self, language: Language) -> (&'static str, &'static str) {
        let [indonesian, english] = self.both_languages();
        match language {
            Language::Indonesian => indonesian,
            Language::English => english,
        }
    }

    fn both_languages(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::NotSignedIn => [
                (
                    "Belum masuk",
                    "Sesi tidak ada atau sudah berakhir. Masuklah kembali; pekerjaan di perangkat tetap aman.",
                ),
                (
                    "Not signed in",
                    "There is no session, or it is over. Sign in again; work on the device is safe.",
                ),
            ],
            Self::WrongPassword => [
                ("Gagal masuk", "Nama pengguna atau kata sandi salah. Periksa keduanya, lalu coba lagi."),
                ("Sign-in failed", "The user name or the password is wrong. Check both and try again."),
            ],
            Self::AccountDisabled => [
                (
                    "Akun dinonaktifkan",
                    "Akun Anda dinonaktifkan. Hubungi admin daerah Anda; pekerjaan di perangkat tetap aman.",
                ),
                (
                    "Account disabled",
                    "Your account is disabled. Ask your region's admin; work on the device is safe.",
                ),
            ],
            Self::DeviceRevoked => [
                (
                    "Perangkat dicabut",
                    "Perangkat ini dicabut. Masuklah lagi; pekerjaan di perangkat tetap aman.",
                ),
                ("Device revoked", "This device was revoked. Sign in again; work on the device is safe."),
            ],
            Self::PasswordDue => [
                (
                    "Kata sandi perlu diganti",
                    "Kata sandi Anda dibuat oleh orang lain. Gantilah dahulu dengan kata sandi Anda sendiri.",
                ),
                (
                    "The password is to be changed",
                    "Somebody else set your password. Change it to one of your own first.",
                ),
            ],
            Self::WrongOldPassword => [
                ("Kata sandi lama tidak cocok", "Kata sandi lama tidak cocok. Periksa, lalu coba lagi."),
                (
                    "The old password does not match",
                    "The old password does not match. Check it and try again.",
                ),
            ],
            Self::PasswordUnchanged => [
                ("Kata sandi tetap sama", "Kata sandi baru sama dengan yang lama. Pilih kata sandi lain."),
                ("The password is the same", "The new password is the old one. Choose another."),
            ],
            Self::PasswordRefused(why) => {
                let [indonesian, english] = password_words(why);
                [("Kata sandi tidak diterima", indonesian), ("Password not taken", english)]
            }
            Self::LinkUsed => [
                (
                    "Tautan sudah dipakai",
                    "Tautan ini sudah dipakai untuk membuat kata sandi. Masuklah dengan kata sandi itu, atau minta tautan baru kepada admin.",
                ),
                (
                    "Link used before",
                    "A password was set by this link already. Sign in with it, or ask the admin for a new link.",
                ),
            ],
            Self::LinkExpired => [
                (
                    "Tautan kedaluwarsa",
                    "Tautan ini sudah melewati batas waktunya. Minta tautan baru kepada admin.",
                ),
                ("Link expired", "This link's time is over. Ask the admin for a new one."),
            ],
            Self::LinkReplaced => [
                (
                    "Tautan sudah diganti",
                    "Tautan ini sudah diganti dengan tautan atau kata sandi yang lebih baru. Pakai yang terbaru, atau minta tautan baru kepada admin.",
                ),
                (
                    "Link replaced",
                    "A newer link or password took this link's place. Use the newest, or ask the admin for a new link.",
                ),
            ],
            Self::LinkWithdrawn => [
                ("Tautan ditarik", "Tautan ini tidak berlaku lagi. Minta tautan baru kepada admin."),
                ("Link withdrawn", "This link does not hold any more. Ask the admin for a new one."),
            ],
            Self::LinkUnknown => [
                (
                    "Tautan tidak dikenal",
                    "Tautan ini tidak lengkap atau sudah lama berakhir. Buka tautan seutuhnya, atau minta yang baru kepada admin.",
                ),
                (
                    "Link not known",
                    "This link is not whole, or ended long ago. Open all of it, or ask the admin for a new one.",
                ),
            ],
            Self::TooManyAttempts { .. } => [
                (
                    "Terlalu banyak percobaan",
                    "Terlalu banyak percobaan masuk. Tunggu sebentar, lalu coba lagi.",
                ),
                (
                    "Too many attempts",
                    "There were too many attempts to sign in. Wait a little, then try again.",
                ),
            ],
            Self::ForeignDevice => [
                (
                    "Perangkat milik orang lain",
                    "Data di peramban ini terdaftar atas nama orang lain. Masuklah sebagai orang itu, atau mulai dengan data baru.",
                ),
                (
                    "Somebody else's device",
                    "This browser's data is enrolled for another person. Sign in as that person, or begin with new data.",
                ),
            ],
            Self::LostUpgrade => [
                (
                    "WebSocket tertahan",
                    "Permintaan WebSocket tiba tanpa `Upgrade`: proksi di depan server tidak meneruskannya. Perangkat tetap tersambung dengan permintaan biasa; beri tahu admin server.",
                ),
                (
                    "WebSocket held up",
                    "A WebSocket's request came without `Upgrade`: a proxy in front of the server does not pass it on. Devices stay connected by plain requests; tell the server's admin.",
                ),
            ],
            Self::RevokedDevice => [
                (
                    "Perangkat dicabut",
                    "Perangkat ini sudah dicabut. Data di peramban ini perlu didaftarkan sebagai perangkat baru.",
                ),
                (
                    "Device revoked",
                    "This device was revoked. This browser's data has to be enrolled as a new device.",
                ),
            ],
            Self::ForeignOrigin => [
                (
                    "Permintaan dari halaman lain",
                    "Permintaan ini tidak berasal dari alamat Simpul. Buka Simpul dari alamat resminya.",
                ),
                (
                    "Request from another page",
                    "This request does not come from Simpul's own address. Open Simpul from its own address.",
                ),
            ],
            Self::Forbidden => [
                ("Tidak berwenang", "Peran Anda tidak mencakup tindakan ini. Hubungi admin daerah Anda."),
                ("Not allowed", "Your role does not cover this. Ask your region's admin."),
            ],
            Self::NotFound => [
                ("Tidak ditemukan", "Yang diminta tidak ada, atau Anda tidak berhak melihatnya."),
                ("Not found", "What was asked for is not here, or not for you to see."),
            ],
            Self::MethodNotAllowed => [
                ("Cara tidak didukung", "Alamat ini ada, tetapi tidak menerima cara permintaan tersebut."),
                ("Method not allowed", "This address exists, but not for this method."),
            ],
            Self::Malformed => [
                (
                    "Permintaan tidak terbaca",
                    "Isi permintaan tidak sesuai dengan yang diharapkan. Muat ulang aplikasi, lalu coba lagi.",
                ),
                (
                    "Request not understood",
                    "The request is not what was expected. Reload the app and try again.",
                ),
            ],
            Self::TooLarge => [
                ("Terlalu besar", "Isi permintaan melebihi batas. Bagilah menjadi beberapa bagian."),
                ("Too large", "The request is over the limit. Split it into parts."),
            ],
            Self::UnsupportedType => [
                ("Jenis isi tidak didukung", "Jenis isi permintaan ini tidak diterima di sini."),
                ("Type not supported", "This type of content is not taken here."),
            ],
            Self::TooSlow => [
                (
                    "Terlalu lambat",
                    "Isi permintaan tidak kunjung datang. Yang belum terkirim akan dicoba lagi.",
                ),
                ("Too slow", "The request's content did not come on. What was not sent will be tried again."),
            ],
            Self::TooManyRequests { .. } => [
                (
                    "Terlalu banyak permintaan",
                    "Permintaan datang terlalu cepat. Tunggu sebentar; akan dicoba lagi.",
                ),
                ("Too many requests", "Requests come too fast. Wait a little; it will be tried again."),
            ],
            Self::Archived => [
                (
                    "Dokumen diarsipkan",
                    "Dokumen ini sudah diarsipkan dan tidak menerima lampiran. Buka kembali dokumennya dahulu.",
                ),
                ("Document archived", "This document is archived and takes no attachment. Reopen it first."),
            ],
            Self::BlobAbsent { .. } => [
                ("Lampiran belum ada", "Lampiran ini belum terkirim seluruhnya. Kirimlah sisanya."),
                ("Attachment not there yet", "This attachment was not sent whole yet. Send the rest of it."),
            ],
            Self::BlobTooLarge => [
                (
                    "Lampiran terlalu besar",
                    "Lampiran ini melebihi batas ukuran. Perkecil berkasnya, lalu coba lagi.",
                ),
                (
                    "Attachment too large",
                    "This attachment is over the limit. Make the file smaller and try again.",
                ),
            ],
            Self::BlobType => [
                (
                    "Jenis lampiran tidak diterima",
                    "Yang diterima ialah foto (JPEG, PNG, WebP, HEIF), PDF, dan berkas kantor. Simpan berkas ini dalam salah satunya.",
                ),
                (
                    "Attachment type not taken",
                    "Taken are photos (JPEG, PNG, WebP, HEIF), PDF and office files. Save this file as one of them.",
                ),
            ],
            Self::WrongHash => [
                ("Lampiran rusak di jalan", "Isi lampiran tidak cocok dengan tandanya. Kirimlah dari awal."),
                (
                    "Attachment damaged on its way",
                    "The attachment's content does not match its mark. Send it from the beginning.",
                ),
            ],
            Self::WrongOffset { .. } => [
                (
                    "Bagian tidak bersambung",
                    "Bagian ini tidak bersambung dengan yang sudah datang. Lanjutkan dari sana.",
                ),
                ("Part does not follow", "This part does not follow what has come. Go on from there."),
            ],
            Self::UploadUnderWay => [
                (
                    "Lampiran sedang dikirim",
                    "Lampiran ini sedang dikirim oleh permintaan lain. Tunggu sampai selesai.",
                ),
                (
                    "Attachment under way",
                    "Another request is sending this attachment. Wait until it is done.",
                ),
            ],
            Self::BlobQuota => [
                (
                    "Ruang lampiran penuh",
                    "Ruang lampiran daerah ini penuh. Minta admin daerah Anda menambahnya; berkas di perangkat tetap aman.",
                ),
                (
                    "No room for attachments",
                    "This region's room for attachments is full. Ask its admin for more; the file on the device is safe.",
                ),
            ],
            Self::RangeNotSatisfiable { .. } => [
                ("Bagian tidak ada", "Lampiran ini tidak sepanjang itu. Mintalah dari awal."),
                ("No such part", "This attachment is not that long. Ask for it from its beginning."),
            ],
            Self::CannotBuildDocument => [
                (
                    "Dokumen tidak dapat disusun",
                    "Dokumen ini terlalu besar atau rusak untuk disusun di server. Ekspor dari perangkat masih dapat dilakukan.",
                ),
                (
                    "Document cannot be built",
                    "This document is too large or damaged to be put together on the server. It can still be exported on a device.",
                ),
            ],
            Self::Unavailable => [
                (
                    "Sedang tidak tersedia",
                    "Server sedang dimulai ulang atau tidak dapat menyimpan. Pekerjaan di perangkat tetap aman; akan dicoba lagi.",
                ),
                (
                    "Not available now",
                    "The server restarts or cannot store. Work on the device is safe; it will be tried again.",
                ),
            ],
            Self::Internal => [
                (
                    "Kesalahan server",
                    "Terjadi kesalahan di server dan sudah dicatat. Pekerjaan di perangkat tetap aman.",
                ),
                (
                    "Server error",
                    "Something went wrong on the server, and it was logged. Work on the device is safe.",
                ),
            ],
        }
    }

    fn answer(self, language: Language) -> Response {
        let (title, detail) = self.words(language);
        let status = self.status();
        let r#type = format!("urn:simpul:problem:{}", self.name());
        let mut response =
            (status, Json(Body { r#type, title, status: status.as_u16(), detail })).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::TooManyAttempts { retry_after_s } | Self::TooManyRequests { retry_after_s } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
            }
            Self::BlobAbsent { offset } | Self::WrongOffset { offset } => {
                headers.insert(UPLOAD_OFFSET, HeaderValue::from(offset));
            }
            Self::RangeNotSatisfiable { size_bytes } => {
                headers.typed_insert(ContentRange::unsatisfied_bytes(size_bytes));
            }
            Self::LostUpgrade => {
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            }
            _ => {}
        }
        response
    }
}

/// Why a password is not taken, in both languages.
fn password_words(why: PasswordError) -> [&'static str; 2] {
    match why {
        PasswordError::TooShort => [
            "Kata sandi perlu sedikitnya 12 karakter. Tiga atau empat kata yang tidak berkaitan mudah diingat.",
            "A password needs at least 12 characters. Three or four words that do not belong together are easy to keep in mind.",
        ],
        PasswordError::TooLong => {
            ["Kata sandi paling panjang 1.024 bita.", "A password has at most 1,024 bytes."]
        }
        PasswordError::Common => [
            "Kata sandi ini termasuk yang pertama kali ditebak: kata umum dengan angka, deretan tombol, atau pengulangan. Pakai tiga atau empat kata yang tidak berkaitan.",
            "This password is among those that are tried first: a common word with digits, a row of keys, or the same over again. Take three or four words that do not belong together.",
        ],
        PasswordError::LikeName => [
            "Kata sandi tidak boleh memuat nama atau nama pengguna Anda.",
            "A password must not have your name or user name in it.",
        ],
    }
}

/// A problem carries itself to [`speak`], which alone knows the client's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives each problem its words, in the language that the client asked for; also those that axum itself
/// answers with (a body too large, a method that the route does not have).
pub async fn speak(request: Request, next: Next) -> Response {
    let language = Language::accepted(request.headers());
    let is_api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    if let Some(problem) = response.extensions().get::<Problem>() {
        return problem.answer(language);
    }
    if !is_api {
        return response;
    }
    let problem = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Problem::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::UnsupportedType,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Problem::Malformed,
        StatusCode::REQUEST_TIMEOUT => Problem::Unavailable,
        StatusCode::INTERNAL_SERVER_ERROR => Problem::Internal,
        _ => return response,
    };
    problem.answer(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_with_the_greater_weight_is_taken() {
        for (header, expected) in [
            ("", Language::Indonesian),
            ("id", Language::Indonesian),
            ("en", Language::English),
            ("en-GB,en;q=0.9", Language::English),
            ("id-ID,id;q=0.9,en;q=0.8", Language::Indonesian),
            ("en;q=0.5, id;q=0.4", Language::English),
            ("fr, de", Language::Indonesian),
            ("ende, idn", Language::Indonesian),
            ("en;q=none", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(header).unwrap());
            assert_eq!(Language::accepted(&headers), expected, "{header:?}");
        }
        assert_eq!(Language::accepted(&HeaderMap::new()), Language::Indonesian);
    }

    #[test]
    fn retry_is_told_in_seconds() {
        let response = Problem::TooManyAttempts { retry_after_s: 7 }.answer(Language::English);
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
}
