#!/usr/bin/env bash
# @automerge/automerge 3.5.0 (npm), Node 20; the same in the Rust crate automerge 0.12.0.
#
# A key holds two numbers that were set at once. Who settles that by setting the value that is *shown* writes no new value: the change
# holds one deletion of the others. Who settles it at the same time by setting another value writes one that replaces both. Merged,
# the second stands alone, and `getConflicts` is empty: the first choice is gone without a trace. Whoever wants two choices to meet
# as equals deletes the key first, in the same change, and sets it then.
#
# Seen:
#   the change of who chooses the shown value: del
#   merged: the other value, conflict: none
#   with the key deleted first: del set, merged conflict: 2 values
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @automerge/automerge@3.5.0 >/dev/null
cat > look.mjs <<'JS'
import * as A from "@automerge/automerge"

const begun = A.from({ amount: 0 }, { actor: "aa" })
let one = A.change(A.clone(begun, { actor: "bb" }), (d) => { d.amount = 300 })
let two = A.change(A.clone(begun, { actor: "cc" }), (d) => { d.amount = 310 })
one = A.merge(one, two)
two = A.merge(two, one)
const shown = one.amount
const other = Object.values(A.getConflicts(one, "amount")).find((value) => value !== shown)
const kinds = (doc) => A.decodeChange(A.getLastLocalChange(doc)).ops.map(({ action }) => action).join(" ")

const chooses = (doc, value) => A.change(doc, (d) => { d.amount = value })
const first = chooses(A.clone(one, { actor: "dd" }), shown)
const second = chooses(A.clone(two, { actor: "ee" }), other)
console.log(`the change of who chooses the shown value: ${kinds(first)}`)
const merged = A.merge(A.clone(first), second)
const conflict = A.getConflicts(merged, "amount")
console.log(`merged: ${merged.amount === other ? "the other value" : "the shown value"}, conflict: ${conflict ? Object.keys(conflict).length : "none"}`)

const anew = A.change(A.clone(one, { actor: "ff" }), (d) => { delete d.amount; d.amount = shown })
const both = A.getConflicts(A.merge(A.clone(anew), second), "amount")
console.log(`with the key deleted first: ${kinds(anew)}, merged conflict: ${both ? Object.keys(both).length : 0} values`)
JS
seen=$(node look.mjs)
echo "$seen"
expected='the change of who chooses the shown value: del
merged: the other value, conflict: none
with the key deleted first: del set, merged conflict: 2 values'
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
