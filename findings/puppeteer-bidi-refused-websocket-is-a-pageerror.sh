#!/usr/bin/env bash
# puppeteer-core 24.43.1 (npm) with Firefox ESR 153.8 over WebDriver BiDi, Node 20.
#
# In Firefox a WebSocket that is refused makes a line of the browser's own log. Puppeteer gives that line as a "pageerror", the event
# that its documentation has for an uncaught exception of the page. The page has none: its "error" event on the window never comes, and the
# socket's "close" is handled. No console message comes either. A test that fails on each "pageerror" fails whenever a server is
# down on purpose, and telling the two apart is left to the words.
#
# Needs Firefox: FIREFOX names it, else /usr/bin/firefox-esr or /usr/bin/firefox.
#
# Seen:
#   pageerror: 1, console: 0, errors that the page saw: 0
set -euo pipefail
firefox=${FIREFOX:-$(command -v firefox-esr || command -v firefox)}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error puppeteer-core@24.43.1 >/dev/null
cat > look.mjs <<'JS'
import http from "node:http"
import puppeteer from "puppeteer-core"

const listening = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)))
const site = http.createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"))
const gone = http.createServer()
const [sitePort, gonePort] = [await listening(site), await listening(gone)]
await new Promise((done) => gone.close(done))

const browser = await puppeteer.launch({ browser: "firefox", executablePath: process.argv[2], headless: true })
const page = await browser.newPage()
let [thrown, said] = [0, 0]
page.on("pageerror", () => (thrown += 1))
page.on("console", () => (said += 1))
await page.goto(`http://127.0.0.1:${sitePort}/`)
const seen = await page.evaluate((port) => new Promise((done) => {
    let errors = 0
    window.addEventListener("error", () => (errors += 1))
    new WebSocket(`ws://127.0.0.1:${port}/`).onclose = () => setTimeout(() => done(errors), 500)
}), gonePort)
console.error(await browser.version())
await browser.close()
site.close()
console.log(`pageerror: ${thrown}, console: ${said}, errors that the page saw: ${seen}`)
JS
seen=$(node look.mjs "$firefox")
echo "$seen"
expected='pageerror: 1, console: 0, errors that the page saw: 0'
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
