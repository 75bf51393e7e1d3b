// Tables of what was measured.

/** What is shown where it was measured: its name, how it is written, and whether it is compared. */
const COLUMNS = [
  ["p50", "p50 ms", (ms) => ms.toFixed(2), true],
  ["p95", "p95 ms", (ms) => ms.toFixed(2), true],
  ["p99", "p99 ms", (ms) => ms.toFixed(2), true],
  ["socketsP50", "between sockets p50 ms", (ms) => ms.toFixed(2), true],
  ["socketsP99", "p99", (ms) => ms.toFixed(2), true],
  ["seenMs", "seen ms", (ms) => ms.toFixed(1), true],
  ["keptMs", "kept ms", (ms) => ms.toFixed(1), true],
  ["settledMs", "settled ms", (ms) => ms.toFixed(1), true],
  ["upFrames", "messages up", String, true],
  ["downFrames", "down", String, true],
  ["upBytes", "bytes up", String, true],
  ["downBytes", "down", String, true],
  ["serverCpuMs", "server CPU ms", (ms) => ms.toFixed(0), true],
  ["serverCpuPercent", "server CPU %", (percent) => percent.toFixed(0), false],
  ["clientCpuPercent", "clients' CPU %", (percent) => percent.toFixed(0), false],
  ["peakMB", "peak MB", (mb) => mb.toFixed(1), true],
  ["perConnectionKB", "KB a connection", (kb) => kb.toFixed(1), true],
  ["baselineMB", "MB before", (mb) => mb.toFixed(1), false],
  ["afterPercent", "after, % of before", (percent) => percent.toFixed(1), false],
];

/** One line a system. */
export function table(results) {
  return markdown(results, COLUMNS, (value, write) => write(value));
}

/** How many times as much as one of them the others take; nothing where there are no others. */
export function ratios(results, ours) {
  const { [ours]: own, ...others } = results;
  if (!own || Object.keys(others).length === 0) return undefined;
  const compared = COLUMNS.filter(([key, , , isCompared]) => isCompared && own[key] > 0);
  return markdown(others, compared, (value, _, key) => {
    const ratio = value / own[key];
    return ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2);
  });
}

function markdown(results, columns, cell) {
  const systems = Object.entries(results);
  const shown = columns.filter(([key]) => systems.some(([, result]) => result[key] !== undefined));
  const lines = [
    ["", ...shown.map(([, name]) => name)],
    ["---", ...shown.map(() => "---:")],
    ...systems.map(([system, result]) => [
      system,
      ...shown.map(([key, , write]) => (result[key] === undefined ? "" : cell(result[key], write, key))),
    ]),
  ];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
