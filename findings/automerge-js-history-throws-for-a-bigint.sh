#!/usr/bin/env bash
# @automerge/automerge 3.5.0 (npm), Node 20.
#
# The JavaScript package writes, saves, loads and merges a BigInt beyond 2^53 - 1 and reads it back exactly. But whatever shows
# single changes does not: `decodeChange` throws a RangeError for the change that holds one, and so does the first look into an
# entry of `getHistory`, also long after the value was overwritten. An application that lists a document's history, or a server that looks
# into changes before it takes them, fails for a document whose state is read without complaint. 2^53 - 1 itself is fine.
# Whoever stores amounts keeps them within the safe integers, and reads changes one by one with an answer for the one that throws.
#
# Seen:
#   value: bigint 9007199254740993 after load; overwritten: number 1
#   2^53 - 1 in a change: decoded; 2^53 + 1: RangeError
#   getHistory: 3 entries; their changes: decoded, RangeError, decoded
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @automerge/automerge@3.5.0 >/dev/null
cat > look.mjs <<'JS'
import * as A from "@automerge/automerge"

const told = (look) => {
    try {
        look()
        return "decoded"
    } catch (error) {
        return error.name
    }
}
let doc = A.init()
const change = (edit) => {
    doc = A.change(doc, edit)
    return A.getLastLocalChange(doc)
}
const safe = change((d) => { d.amount = Number.MAX_SAFE_INTEGER })
const beyond = change((d) => { d.amount = 9007199254740993n })
const read = A.load(A.save(doc))
change((d) => { d.amount = 1 })
console.log(`value: ${typeof read.amount} ${read.amount} after load; overwritten: ${typeof doc.amount} ${doc.amount}`)
console.log(`2^53 - 1 in a change: ${told(() => A.decodeChange(safe))}; 2^53 + 1: ${told(() => A.decodeChange(beyond))}`)
const entries = A.getHistory(doc)
console.log(`getHistory: ${entries.length} entries; their changes: ${entries.map((entry) => told(() => entry.change)).join(", ")}`)
JS
seen=$(node look.mjs)
echo "$seen"
expected='value: bigint 9007199254740993 after load; overwritten: number 1
2^53 - 1 in a change: decoded; 2^53 + 1: RangeError
getHistory: 3 entries; their changes: decoded, RangeError, decoded'
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
