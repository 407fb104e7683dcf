/** Everything the demo prints goes through here: narrow lines, colours only where they are welcome. */

const WIDTH = 98;
const COLOURED = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

const paint = (code) => (text) => (COLOURED ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint('1');
export const dim = paint('2');
export const red = paint('31');
export const green = paint('32');
export const yellow = paint('33');

// `npm run demo | head` is no error.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(1);
});

/** @param {string} [line] */
export function print(line = '') {
  process.stdout.write(`${line}\n`);
}

/**
 * A step of the preparation: a mark, what it was, and its result.
 * @param {string} name
 * @param {string} result
 */
export function step(name, result) {
  print(`${green('✓')} ${bold(name.padEnd(9))} ${result}`);
}

/**
 * A quotation: wrapped, indented, with a bar at its left side.
 * @param {string} text
 */
export function quote(text) {
  for (const line of text.split('\n').flatMap((long) => wrap(long, WIDTH - 6))) print(`    ${dim('│')} ${line}`);
}

/**
 * A table with one colour per column, its columns as wide as their widest cell.
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {((text: string) => string)[]} paints
 */
export function table(head, rows, paints) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells, paintCell) => `  ${cells.map((cell, i) => paintCell(i)(cell.padEnd(widths[i]))).join('  ')}`.trimEnd();
  print(line(head, () => bold));
  print(line(widths.map((width) => '─'.repeat(width)), () => dim));
  for (const row of rows) print(line(row, (column) => paints[column]));
}

/** Breaks a line at spaces; a single word longer than the width (a digest, a path) is cut. */
function wrap(text, width) {
  const lines = [];
  const indent = /^\s*/.exec(text)[0].slice(0, 8);
  let line = text;
  while (line.length > width) {
    const space = line.lastIndexOf(' ', width);
    const cut = space > indent.length ? space : width;
    lines.push(line.slice(0, cut));
    line = indent + line.slice(cut).trimStart();
  }
  return [...lines, line];
}
