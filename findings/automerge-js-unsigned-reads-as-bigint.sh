#!/usr/bin/env bash
# @automerge/automerge 3.5.0 (npm), Node 20.
#
# An unsigned integer in a document, which every other binding may write (Rust: ScalarValue::Uint), is read by the JavaScript package as a BigInt,
# however small it is; signed integers, floats and counters are read as numbers. So one such field makes JSON.stringify of the
# whole document throw, `===` with a number is false, and arithmetic with a number throws. `decodeChange` shows the same value as a number.
# Whoever writes documents that JavaScript shall read writes small whole numbers as signed integers.
#
# Seen:
#   uint: bigint 1n, equals 1: false; int: number 5; counter: 2; decodeChange: number
#   JSON.stringify: TypeError: Do not know how to serialize a BigInt
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @automerge/automerge@3.5.0 >/dev/null
cat > look.mjs <<'JS'
import * as A from "@automerge/automerge"

let doc = A.init()
doc = A.change(doc, (d) => {
    d.unsigned = new A.Uint(1)
    d.signed = new A.Int(5)
    d.counter = new A.Counter(2)
})
const ops = A.decodeChange(A.getLastLocalChange(doc)).ops
const read = A.load(A.save(doc))
const stored = ops.find((op) => op.key === "unsigned")
console.log(
    `uint: ${typeof read.unsigned} ${read.unsigned}n, equals 1: ${read.unsigned === 1}; int: ${typeof read.signed} ${read.signed}; ` +
        `counter: ${read.counter.value}; decodeChange: ${typeof stored.value}`,
)
try {
    JSON.stringify(read)
    console.log("JSON.stringify: fine")
} catch (error) {
    console.log(`JSON.stringify: ${error.name}: ${error.message}`)
}
JS
seen=$(node look.mjs)
echo "$seen"
expected='uint: bigint 1n, equals 1: false; int: number 5; counter: 2; decodeChange: number
JSON.stringify: TypeError: Do not know how to serialize a BigInt'
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
