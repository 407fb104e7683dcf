// The corpus must stay harmless: every address is 127.0.0.1, nothing destructive or persistent is called, every write
// goes to LOADLOCK_MARK_DIR or into the staged copy, and each encoded payload decodes to the plain text in case.json.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { listCases } from './lib/cases.mjs';
import { enc, wholeFile } from './lib/encodings.mjs';

describe('attack corpus is inert', () => {
  for (const entry of listCases()) {
    it(entry.name, () => {
      const findings = [...payloadFindings(entry), ...texts(entry).flatMap(([name, text]) => textFindings(entry, name, text))];
      assert.deepEqual(findings, []);
    });
  }
});

const FORBIDDEN = [
  /\bunlink/,
  /\brm(Sync|dir)?\(/,
  /rm -/,
  /homedir/,
  /\/etc\//,
  /crontab|systemctl|launchctl|bashrc|zshrc|authorized_keys/,
  /\.kill\(/,
  /truncate/,
  /\bsetuid|setgid/,
  /curl|wget/,
  /process\.stdin/,
  /\/dev\/tcp/,
];
/** Cases whose technique is to write inside the staged tree. */
const WRITES_INTO_STAGE = ['07-rate-map-sabotage', '20-ethers-provider2', '70-self-rewrite'];

function textFindings({ name: caseName }, name, text) {
  const findings = [];
  for (const [url, host] of text.matchAll(/https?:\/\/([^/'"`\s:+]+)/g)) if (!['127.0.0.1', 'x.test'].includes(host)) findings.push(`${name}: ${url}`);
  for (const [address, ...parts] of text.matchAll(/\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b/g)) {
    if (address !== '127.0.0.1' && parts.every((part) => Number(part) <= 255)) findings.push(`${name}: ${address}`);
  }
  for (const pattern of FORBIDDEN) if (pattern.test(text)) findings.push(`${name}: ${pattern}`);
  const writes = /(write|append|copy)File|mkdir|createWriteStream|fopen|printf marker/.test(text);
  if (/evil|payload|stage2/.test(name) && writes && !/LOADLOCK_MARK_DIR|"\$1"|process\.argv/.test(text) && !WRITES_INTO_STAGE.includes(caseName)) {
    findings.push(`${name}: writes outside of the marker directory?`);
  }
  return findings;
}

function payloadFindings({ dir, blobs }) {
  return blobs
    .filter(({ file, encoding, plain, opts }) => {
      const encoded = enc[encoding](plain, opts);
      const path = join(dir, 'evil', file);
      return wholeFile.has(encoding) ? !readFileSync(path).equals(encoded) : !readFileSync(path, 'utf8').includes(encoded);
    })
    .map(({ file }) => `${file}: is not the encoding of its plain text`);
}

/** Every text of a case, also those that are encoded in its files. */
function texts({ dir, entry, blobs, stage2 }) {
  const found = [[entry, readFileSync(join(dir, entry), 'utf8')]];
  for (const part of ['evil', 'evil-home', 'clean', 'shared']) {
    if (!existsSync(join(dir, part))) continue;
    for (const path of files(join(dir, part))) {
      const bytes = readFileSync(path);
      if (!bytes.includes(0)) found.push([relative(dir, path), bytes.toString('utf8')]);
    }
  }
  for (const { file, plain } of blobs) found.push([`payload of ${file}`, plain]);
  if (stage2) found.push(['stage2', stage2]);
  return found;
}

function files(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((item) => (item.isDirectory() ? files(join(dir, item.name)) : [join(dir, item.name)]));
}
