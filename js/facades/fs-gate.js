'use strict';
// The questions that the attenuated `fs` of one package asks before it lets Node touch anything.
//
// A path is resolved by the native side at every call, also when the same text was permitted a moment ago: what it
// means can change with any link on the way. Node then gets the real path, and flags that refuse a link in its last
// place. What is left is a race: somebody who may write inside a granted folder exchanges a folder on the way for a link
// between the check and the kernel's turn. The facade makes and moves no link that leads out of the grant (also not
// inside of a folder), so such a link has to stand there already; and on Linux an opened file is looked at again.

const { constants: { O_TRUNC } } = require('fs');
const { dirname, isAbsolute, join, normalize } = require('path');
const { ArrayPrototypePush, SafeMap, StringPrototypeEndsWith, StringPrototypeIncludes, StringPrototypeSlice, process } = require('../intrinsics.js');
const { O_NOFOLLOW, absolute, flagNumber, hasNul, keepsLink, reads, shown, writes } = require('./fs-arguments.js');
const { checkNumber, describe, descriptorsOf } = require('./fs-descriptors.js');

const READ = 'fs.read', WRITE = 'fs.write';

/** A name that only a pattern reaching to any depth matches; two stars are how such a grant is written. */
const ANY_DEPTH = '/**/**/**/**/**/**/**/**';

/** How many entries of a folder are looked at before it may move. */
const MOST_ENTRIES = 10_000;

/** What the kernel writes behind the name of an open file that is gone. */
const GONE = ' (deleted)';

/**
 * @param {import('../authority.js').Authority} authority
 * @param {object} fs  Node's
 */
function createGate(authority, fs) {
  const { ftruncateSync, lstatSync, readdirSync, readlinkSync } = fs;
  const table = descriptorsOf(authority.location);
  const wholeRead = authority.whole(READ), wholeWrite = authority.whole(WRITE);
  const whole = (capability) => (capability === READ ? wholeRead : wholeWrite);

  /** Checks a path and gives what Node is to work on. */
  function path(capability, given, follow, label) {
    if (whole(capability)) return given;
    return resolved(capability, given, follow, label);
  }

  /** As `path`, but the real path also under a whole grant. */
  function resolved(capability, given, follow, label) {
    const attempt = `${label}('${shown(given)}')`;
    if (typeof given !== 'string') {
      authority.demand(capability, '\ufffd', attempt);
      return given;
    }
    if (hasNul(given)) return given;
    const real = authority.demandPath(capability, absolute(given), follow, attempt);
    if (given === '') return given;
    // Node says ENOTDIR about `file/`.
    return follow && real.length > 1 && StringPrototypeEndsWith(given, '/') ? `${real}/` : real;
  }

  /**
   * Checks a path for what the flags of open(2) mean.
   * @param {string | Buffer} given
   * @param {number} flags
   * @param {string | undefined} use  a capability that is needed whatever the flags say
   * @param {string} label
   * @returns {{real: string | Buffer, flags: number, checks: Checks | undefined}}  what is to be opened, how, and what
   *   `verify` has to look at afterwards
   */
  function open(given, flags, use, label) {
    const needsRead = !wholeRead && (use === READ || reads(flags)), needsWrite = !wholeWrite && (use === WRITE || writes(flags));
    const follow = !keepsLink(flags);
    let real = given;
    if (needsRead) real = resolved(READ, given, follow, label);
    // The second look is at what the first one found.
    if (needsWrite) real = resolved(WRITE, real, follow && !needsRead, label);
    if (!needsRead && !needsWrite) return { __proto__: null, real, flags, checks: undefined };
    // A real path has no link in its last place.
    const safe = flags | O_NOFOLLOW;
    if (!seesOpenFiles(fs) || typeof real !== 'string') return { __proto__: null, real, flags: safe, checks: undefined };
    const checks = { __proto__: null, real, read: needsRead, write: needsWrite, empties: (flags & O_TRUNC) !== 0, attempt: `${label}('${shown(given)}')` };
    return { __proto__: null, real, flags: safe & ~O_TRUNC, checks };
  }

  /**
   * Whether what was opened is what was decided on, and empties it only then. Throws when it is not; the caller closes it.
   * @param {number} fd
   * @param {Checks | undefined} checks
   */
  function verify(fd, checks) {
    if (checks === undefined) return;
    const { real, read, write, empties, attempt } = checks;
    const decided = real.length > 1 && StringPrototypeEndsWith(real, '/') ? StringPrototypeSlice(real, 0, -1) : real;
    let found = readlinkSync(`/proc/self/fd/${fd}`);
    if (found !== decided && found !== `${decided}${GONE}`) {
      if (StringPrototypeEndsWith(found, GONE)) found = StringPrototypeSlice(found, 0, -GONE.length);
      if (read && !authority.permits(READ, found)) authority.demand(READ, found, attempt);
      if (write && !authority.permits(WRITE, found)) authority.demand(WRITE, found, attempt);
    }
    if (!empties) return;
    try {
      ftruncateSync(fd, 0);
    } catch (error) {
      // O_TRUNC means nothing for a pipe or a terminal.
      if (error.code !== 'EINVAL') throw error;
    }
  }

  /** Everything below `real`, which was checked; itself it may be a link, which then is not followed. */
  function tree(capability, real, label) {
    if (whole(capability) || typeof real !== 'string' || hasNul(real)) return;
    authority.demand(capability, `${absolute(real)}${ANY_DEPTH}`, `${label}('${real}', { recursive: true })`);
  }

  /**
   * What a link at `place` (checked) leads to: making it must open nothing. Gives the text for the link, which is absolute:
   * a relative one means something else when a folder that it is in moves.
   */
  function linkTarget(place, target, label) {
    if (typeof target !== 'string' || typeof place !== 'string' || target === '' || hasNul(target)) return target;
    // The kernel takes `..` after a link from where that link leads; in front it is plain.
    const text = StringPrototypeIncludes(target, '..') ? normalize(target) : target;
    const meant = isAbsolute(text) ? text : `${dirname(absolute(place))}/${text}`;
    path(READ, meant, true, label);
    path(WRITE, meant, true, label);
    return wholeRead && wholeWrite ? text : normalize(meant);
  }

  /** A link that moves means something else where it arrives. */
  function movedLink(from, to, label) {
    if (wholeRead && wholeWrite) return;
    let target;
    try {
      target = readlinkSync(from);
    } catch {
      // No link, or nothing at all; the operation itself says so.
      return;
    }
    // This one is not rewritten, and `..` behind a name may be behind a link.
    if (StringPrototypeIncludes(target, '..') && normalize(target) !== target) authority.demand(WRITE, undefined, `${label}('${from}'), a link to '${target}'`);
    linkTarget(to, target, label);
  }

  /** As `movedLink`, for every link inside of a folder. */
  function movedTree(from, to, label) {
    if ((wholeRead && wholeWrite) || typeof from !== 'string' || typeof to !== 'string' || hasNul(from) || hasNul(to)) return;
    if (lstatSync(from, { __proto__: null, throwIfNoEntry: false })?.isDirectory() !== true) return;
    const folders = [''];
    let count = 0;
    for (let at = 0; at < folders.length; at++) {
      const entries = readdirSync(join(from, folders[at]), { __proto__: null, withFileTypes: true });
      count += entries.length;
      if (count > MOST_ENTRIES) {
        authority.demand(WRITE, undefined, `${label}('${from}'), a folder with too many entries to look for links in`);
        return;
      }
      for (let index = 0; index < entries.length; index++) {
        const name = join(folders[at], entries[index].name);
        if (entries[index].isDirectory()) ArrayPrototypePush(folders, name);
        else if (entries[index].isSymbolicLink()) movedLink(join(from, name), join(to, name), label);
      }
    }
  }

  /** Moving a file must not make it readable. */
  function rename(given, place, label) {
    const from = resolved(WRITE, given, false, label), to = resolved(WRITE, place, false, label);
    movedLink(from, to, label);
    movedTree(from, to, label);
    if (!wholeRead && typeof from === 'string' && typeof to === 'string' && authority.permits(READ, to) && !authority.permits(READ, from)) {
      authority.demand(READ, from, `${label}('${from}')`);
    }
    return { __proto__: null, from, to };
  }

  /** The folders that `mkdir` with `recursive` makes on the way. */
  function missingParents(real, label) {
    if (wholeWrite || typeof real !== 'string' || hasNul(real)) return;
    let at = dirname(real);
    while (at !== dirname(at) && !fs.existsSync(at)) {
      authority.demandPath(WRITE, at, false, `${label}('${at}')`);
      at = dirname(at);
    }
  }

  /**
   * Checks a number of a descriptor.
   * @param {unknown} value
   * @param {'read' | 'write' | 'stat' | 'sync' | 'metadata' | 'close'} use
   * @param {string} label
   * @returns {import('./fs-descriptors.js').Descriptor | undefined}  the package's own
   */
  function descriptor(value, use, label) {
    const fd = checkNumber(value);
    const own = table.get(fd);
    if (own !== undefined) {
      if (use === 'metadata' && !own.writable && !wholeWrite) {
        authority.demandPath(WRITE, own.path, false, `${label}(${fd}), opened for reading`);
      }
      return own;
    }
    const capability = use === 'read' || use === 'stat' ? READ : WRITE;
    if (whole(capability) || (use === 'stat' && wholeWrite) || (use === 'sync' && wholeRead)) return undefined;
    if (fd <= 2) {
      if (use === 'stat' || (fd > 0 && (use === 'write' || use === 'sync'))) return undefined;
      // What stands behind 1 and 2 is often the same terminal.
      if (use === 'read') {
        authority.demand('process', 'stdin', `${label}(${fd})`);
        return undefined;
      }
    }
    authority.demand(capability, undefined, `${label}(${fd}), a descriptor that the package did not open`);
    return undefined;
  }

  /** Notes a descriptor that the package opened. */
  function opened(fd, flags, target, handle) {
    const text = typeof target === 'string' ? absolute(target) : '';
    return table.add(describe(fd, (flags & 3) !== 0, text, handle));
  }

  return Object.freeze({
    __proto__: null,
    descriptor, flags: flagNumber, missingParents, movedLink, linkTarget, open, opened, path, rename, resolved, table, tree, verify, whole,
  });
}

const gates = new SafeMap();

/** The gate of a package, made once. */
function gateOf(authority, fs) {
  let gate = gates.get(authority);
  if (gate === undefined) {
    gate = createGate(authority, fs);
    gates.set(authority, gate);
  }
  return gate;
}

module.exports = { READ, WRITE, gateOf };

/**
 * @typedef {object} Checks  what is looked at again once a file is open
 * @property {string} real  what was decided on
 * @property {boolean} read
 * @property {boolean} write
 * @property {boolean} empties  whether the flags had O_TRUNC, which waits for the look
 * @property {string} attempt
 */

let seesOpen;

/** Whether the kernel says which file a descriptor leads to. */
function seesOpenFiles({ readlinkSync }) {
  if (seesOpen === undefined) {
    seesOpen = false;
    try {
      seesOpen = process.platform === 'linux' && readlinkSync('/proc/self/exe') !== '';
    } catch {
      // No /proc.
    }
  }
  return seesOpen;
}
