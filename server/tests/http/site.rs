//! The app's files, and the headers of every answer.

use super::world::{World, write};

fn built(world: &World) {
    let site = world.site();
    write(&site, "index.html", b"<!doctype html><title>Simpul</title>");
    write(&site, "index.html.br", b"brotli of index");
    write(&site, "sw.js", b"// worker");
    write(&site, "assets/app-0123abcd.js", b"// app");
    write(&site, "assets/app-0123abcd.js.gz", b"gzip of app");
    write(&site, "assets/app-0123abcd.wasm", b"\0asm");
    write(&site, "manifest.webmanifest", b"{}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_files_are_kept_for_ever_and_all_others_are_asked_for_anew() {
    let world = World::start().await;
    built(&world);
    for (path, cache, content_type) in [
        ("/", "no-cache", "text/html"),
        ("/index.html", "no-cache", "text/html"),
        ("/sw.js", "no-cache", "text/javascript"),
        ("/manifest.webmanifest", "no-cache", "application/manifest+json"),
        ("/assets/app-0123abcd.js", "public, max-age=31536000, immutable", "text/javascript"),
        ("/assets/app-0123abcd.wasm", "public, max-age=31536000, immutable", "application/wasm"),
    ] {
        let answer = world.get(path, &[]);
        assert_eq!((answer.status, answer.header("cache-control")), (200, cache), "{path}");
        assert!(answer.header("content-type").starts_with(content_type), "{path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_the_app_are_answered_with_its_page_and_missing_files_are_not() {
    let world = World::start().await;
    built(&world);
    for page in ["/masuk", "/laporan/3xYz", "/rencana-aksi/abc?x=1"] {
        let answer = world.get(page, &[]);
        assert_eq!((answer.status, &answer.body[..9]), (200, &b"<!doctype"[..]), "{page}");
    }
    for missing in ["/assets/app-old.js", "/assets/none", "/icons/none.svg", "/../../etc/passwd.txt"] {
        let answer = world.get(missing, &[]);
        assert_eq!((answer.status, answer.header("cache-control")), (404, "no-cache"), "{missing}");
    }
    assert_eq!(world.get("/api/v2/none", &[]).problem(), "not-found");
    assert_eq!(world.send("POST", "/masuk", &[], b"x").status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_file_is_sent_to_who_takes_it() {
    let world = World::start().await;
    built(&world);
    let taking = |path: &str, encoding: &str| {
        let answer = world.get(path, &[("accept-encoding", encoding)]);
        (answer.header("content-encoding").to_owned(), String::from_utf8(answer.body).unwrap())
    };
    assert_eq!(taking("/", "gzip, br"), ("br".to_owned(), "brotli of index".to_owned()));
    assert_eq!(taking("/masuk", "br"), ("br".to_owned(), "brotli of index".to_owned()));
    assert_eq!(taking("/assets/app-0123abcd.js", "gzip"), ("gzip".to_owned(), "gzip of app".to_owned()));
    assert_eq!(taking("/assets/app-0123abcd.js", "identity"), (String::new(), "// app".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_are_told_that_files_differ_by_what_is_taken() {
    let world = World::start().await;
    built(&world);
    for path in ["/", "/sw.js", "/assets/app-0123abcd.js"] {
        for encoding in ["br", "gzip", "identity"] {
            let answer = world.get(path, &[("accept-encoding", encoding)]);
            assert_eq!((answer.status, answer.header("vary")), (200, "accept-encoding"), "{path} {encoding}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_policy() {
    let world = World::start().await;
    built(&world);
    for path in ["/", "/sw.js", "/assets/none.js", "/api/v1/about", "/api/v1/devices", "/healthz"] {
        let answer = world.get(path, &[]);
        let host = world.host();
        let expected = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws://{host} wss://{host}; \
             manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'"
        );
        assert_eq!(answer.header("content-security-policy"), expected, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(!answer.header("permissions-policy").is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn app_that_is_not_built_says_how_to_build_it_while_the_relay_works() {
    let world = World::start().await;
    let answer = world.get("/", &[]);
    assert_eq!(answer.status, 503);
    assert!(String::from_utf8(answer.body).unwrap().contains("make run"));
    assert_eq!(world.get("/healthz", &[]).status, 200);
    assert_eq!(world.get("/readyz", &[]).status, 200);
    assert_eq!(world.get("/api/v1/about", &[]).json()["demo"], false);
}
