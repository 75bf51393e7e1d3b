#!/usr/bin/env bash
# @automerge/automerge 3.5.0 (npm), Node 20.
#
# The package exports Int, Uint and Float64 to say how a number is stored. Assigned inside `change`, they become scalars. Given to `from` as part of
# the initial value, they become maps with one key "value": the document then has an object where the schema wants a number, and another
# reader of the same schema finds no number there. Counter and Date do become scalars in both.
# Whoever begins a document with typed numbers writes them inside `change`.
#
# Seen:
#   change: set uint; from: makeMap; Counter: set counter in both; Date: set timestamp in both
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @automerge/automerge@3.5.0 >/dev/null
cat > look.mjs <<'JS'
import * as A from "@automerge/automerge"

const value = () => ({ number: new A.Uint(1), counter: new A.Counter(1), date: new Date(0) })
const changed = A.change(A.init(), (doc) => void Object.assign(doc, value()))
const begun = A.from(value())
const told = (doc, key) => {
    const op = A.decodeChange(A.getLastLocalChange(doc)).ops.find((op) => op.obj === "_root" && op.key === key)
    return op.datatype ? `${op.action} ${op.datatype}` : op.action
}
const both = (key) => {
    const [one, other] = [told(changed, key), told(begun, key)]
    return one === other ? `${one} in both` : `${one} by change, ${other} by from`
}
console.log(
    `change: ${told(changed, "number")}; from: ${told(begun, "number")}; Counter: ${both("counter")}; Date: ${both("date")}`,
)
JS
seen=$(node look.mjs)
echo "$seen"
expected='change: set uint; from: makeMap; Counter: set counter in both; Date: set timestamp in both'
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
