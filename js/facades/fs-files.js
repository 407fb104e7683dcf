'use strict';
// The checked functions of `fs` for one file, or one folder, at a time.

const realFs = require('fs');
const { ReflectApply, StringPrototypeSlice } = require('../intrinsics.js');
const { copyOperands, copyOptions, pathText, placeOptions } = require('./fs-arguments.js');
const {
  addForms, dropFunctions, isNames, isRefusal, nextTick, onError, onResult, promised, reject, renamed, replaced, replacedBoth, whenDone, withCallback, withReturn,
} = require('./fs-calls.js');
const { closeAfterwards, during, handleOf } = require('./fs-descriptors.js');
const { READ, WRITE } = require('./fs-gate.js');
const { admitHandle, isHandle, restrictHandle } = require('./fs-handles.js');

const { isEncoding } = Buffer;
const { isView } = ArrayBuffer;
const { O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } = realFs.constants;
const RealTypeError = TypeError;

/** Functions whose first argument is a path and nothing else decides: capability, whether links are followed, options. */
const ONE_PATH = {
  __proto__: null,
  access: [READ, true],
  chmod: [WRITE, true],
  chown: [WRITE, true],
  lchmod: [WRITE, false],
  lchown: [WRITE, false],
  lstat: [READ, false, ['bigint', 'throwIfNoEntry', 'signal']],
  lutimes: [WRITE, false],
  openAsBlob: [READ, true, ['type']],
  readlink: [READ, false, ['encoding']],
  realpath: [READ, true, ['encoding']],
  stat: [READ, true, ['bigint', 'throwIfNoEntry', 'signal']],
  statfs: [READ, true, ['bigint']],
  unlink: [WRITE, false],
  utimes: [WRITE, true],
};

/** Functions of descriptors, and what for. */
const DESCRIPTOR = {
  __proto__: null,
  fchmod: 'metadata', fchown: 'metadata', fdatasync: 'sync', fstat: 'stat', fsync: 'sync', ftruncate: 'metadata', futimes: 'metadata',
  read: 'read', readv: 'read', write: 'write', writev: 'write',
};

/** Functions that open a file by flags: place of the options, flags without any, options, what for. */
const FILE = {
  __proto__: null,
  readFile: [1, O_RDONLY, ['encoding', 'flag', 'signal', 'buffer'], 'read'],
  writeFile: [2, O_WRONLY | O_CREAT | O_TRUNC, ['encoding', 'flag', 'flush', 'mode', 'signal'], 'write'],
  appendFile: [2, O_WRONLY | O_CREAT | O_APPEND, ['encoding', 'flag', 'flush', 'mode', 'signal'], 'write'],
};

const REMOVE_OPTIONS = ['force', 'maxRetries', 'recursive', 'retryDelay'];

/** The functions made together, and how. */
const FILE_GROUPS = [
  { names: [...Object.keys(ONE_PATH), 'truncate'], add: addPaths },
  { names: ['copyFile', 'link', 'rename', 'symlink'], add: addPairs },
  { names: Object.keys(FILE), add: addFiles },
  { names: ['open'], add: addOpen },
  { names: [...Object.keys(DESCRIPTOR), 'close'], add: addDescriptors },
  { names: ['mkdir', 'mkdtemp', 'mkdtempDisposable', 'opendir', 'rm', 'rmdir'], add: addFolders },
  { names: ['exists'], add: addExists },
];

module.exports = { FILE_GROUPS };

// One path

function addPaths(parts) {
  const { gate, fs } = parts;
  for (const name in ONE_PATH) {
    const [capability, follow, options] = ONE_PATH[name];
    addForms(parts, name, (args, label) => {
      const given = pathText(args[0]);
      if (options !== undefined && typeof args[1] === 'object') args[1] = copyOptions(args[1], options);
      const real = gate.path(capability, given, follow, label);
      args[0] = real;
      return replaced(real, given);
    });
  }
  addForms(parts, 'truncate', (args, label) => {
    // A descriptor is deprecated here, and gone in later versions.
    if (typeof args[0] === 'number') {
      gate.descriptor(args[0], 'metadata', label);
      return undefined;
    }
    const given = pathText(args[0]);
    const real = args[0] = gate.path(WRITE, given, true, label);
    return replaced(real, given);
  });
  // It gives a promise, not a callback.
  const { openAsBlob } = fs;
  fs.openAsBlob = (args) => promised(() => openAsBlob(args));
  const native = (args, label) => {
    const given = pathText(args[0]);
    if (typeof args[1] === 'object') args[1] = copyOptions(args[1], ['encoding']);
    const real = args[0] = gate.path(READ, given, true, label);
    return replaced(real, given);
  };
  fs['realpath.native'] = withCallback(realFs.realpath.native, 'fs.realpath.native', native);
  fs['realpathSync.native'] = withReturn(realFs.realpathSync.native, 'fs.realpathSync.native', native);
}

// Two paths

function addPairs(parts) {
  const { gate } = parts;
  addForms(parts, 'copyFile', (args, label) => {
    const from = pathText(args[0], 'src'), to = pathText(args[1], 'dest');
    args[0] = gate.path(READ, from, true, label);
    args[1] = gate.path(WRITE, to, true, label);
    return replacedBoth(args[0], from, args[1], to);
  });
  addForms(parts, 'rename', (args, label) => {
    const from = pathText(args[0], 'oldPath'), to = pathText(args[1], 'newPath');
    const real = gate.rename(from, to, label);
    args[0] = real.from;
    args[1] = real.to;
    return replacedBoth(real.from, from, real.to, to);
  });
  addForms(parts, 'link', (args, label) => {
    const from = pathText(args[0], 'existingPath'), to = pathText(args[1], 'newPath');
    args[1] = gate.path(WRITE, to, false, label);
    // The other name is as good as the first.
    args[0] = gate.path(WRITE, gate.path(READ, from, false, label), false, label);
    gate.movedLink(args[0], args[1], label);
    return replacedBoth(args[0], from, args[1], to);
  });
  addForms(parts, 'symlink', (args, label) => {
    const target = pathText(args[0], 'target'), place = pathText(args[1]);
    args[1] = gate.path(WRITE, place, false, label);
    args[0] = gate.linkTarget(args[1], target, label);
    return replacedBoth(args[0], target, args[1], place);
  });
}

// Whole files and open

function addFiles(parts) {
  const { gate } = parts;
  for (const name in FILE) {
    const [place, missing, options, use] = FILE[name];
    const capability = use === 'read' ? READ : WRITE;
    const prepare = (args, label) => {
      const option = args[place];
      const plain = option === undefined || option === null || typeof option !== 'object';
      const copied = plain && gate.whole(capability) ? undefined : copyOptions(option, options);
      if (typeof args[0] === 'number') {
        if (copied !== undefined) placeOptions(args, place, copied);
        return { descriptor: gate.descriptor(args[0], use, label) };
      }
      const given = pathText(args[0]);
      if (copied === undefined) {
        args[0] = given;
        return undefined;
      }
      const flags = gate.flags(copied.flag, missing);
      const opening = gate.open(given, flags, capability, label);
      args[0] = opening.real;
      copied.flag = opening.flags;
      placeOptions(args, place, copied);
      const names = replaced(opening.real, given);
      if (opening.checks === undefined) return names;
      return { __proto__: null, names, checks: opening.checks, options: copied, wrong: looksWrong(copied, place === 1 ? '' : args[1]) };
    };
    addFileForms(parts, name, prepare, place, options);
  }
}

/** As `addForms`, for functions that also take a descriptor or a FileHandle. */
function addFileForms({ gate, fs, promises }, name, prepare, place, options) {
  const callback = realFs[name], sync = realFs[`${name}Sync`], promise = realFs.promises[name];
  const { close, closeSync, open, openSync } = realFs, { open: openPromise } = realFs.promises;
  fs[name] = (args) => {
    const names = prepare(args, `fs.${name}`);
    if (names?.checks !== undefined) return onceVerified(args, names);
    if (isNames(names)) onError(args, names);
    return during(names?.descriptor, callback, args);
  };

  /** Opens, looks at what was opened, and has Node work on that. */
  function onceVerified(args, { names, checks, options: copied, wrong }) {
    const last = args.length - 1;
    const done = args[last];
    // Node says what is missing, or wrong.
    if (typeof done !== 'function' || copied.signal?.aborted) return ReflectApply(callback, realFs, ['', ...rest(args, 1)]);
    if (wrong) ReflectApply(callback, realFs, ['', ...rest(args, 1, last), () => {}]);
    return ReflectApply(open, realFs, [args[0], copied.flag, copied.mode, (error, fd) => {
      if (error) return ReflectApply(done, undefined, [renamed(error, names)]);
      args[last] = (...results) => {
        close(fd, (failure) => {
          if (failure && !results[0]) results = [failure];
          ReflectApply(done, undefined, results);
        });
      };
      try {
        gate.verify(fd, checks);
        args[0] = fd;
        return ReflectApply(callback, realFs, args);
      } catch (refusal) {
        return close(fd, () => ReflectApply(done, undefined, [refusal]));
      }
    }]);
  }

  fs[`${name}Sync`] = (args) => {
    dropFunctions(args);
    const names = prepare(args, `fs.${name}Sync`);
    try {
      if (names?.checks === undefined) return ReflectApply(sync, realFs, args);
      if (names.wrong) checkValues(sync, args);
      const fd = openSync(args[0], names.options.flag, names.options.mode);
      try {
        gate.verify(fd, names.checks);
        args[0] = fd;
        return ReflectApply(sync, realFs, args);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw renamed(error, isNames(names) ? names : names?.names);
    }
  };

  async function byPath(args) {
    dropFunctions(args);
    // Only the older functions take descriptors; here this is an error.
    if (typeof args[0] === 'number') pathText(args[0]);
    const names = prepare(args, `fs.promises.${name}`);
    try {
      if (names?.checks === undefined) return await ReflectApply(promise, realFs.promises, args);
      if (names.wrong) await whenDone(ReflectApply(promise, realFs.promises, ['', ...rest(args, 1)]), undefined, unlessMissing);
      const handle = await ReflectApply(openPromise, realFs.promises, [args[0], names.options.flag, names.options.mode]);
      try {
        admitHandle(handle);
        gate.verify(handle.fd, names.checks);
        args[0] = handle;
        return await ReflectApply(promise, realFs.promises, args);
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw renamed(error, isNames(names) ? names : names?.names);
    }
  }
  promises[name] = (args) => {
    if (!isHandle(args[0])) return byPath(args);
    return promised(() => {
      if (typeof args[place] === 'object') args[place] = copyOptions(args[place], options);
      return ReflectApply(promise, realFs.promises, args);
    });
  };
}

/** Whether Node may refuse the options or the data: it has to do so before anything is opened. */
function looksWrong({ encoding, flush, mode, signal }, data) {
  return encoding !== undefined && !isEncoding(encoding) || flush !== undefined && typeof flush !== 'boolean' || signal !== undefined ||
    mode !== undefined && typeof mode !== 'number' || typeof data !== 'string' && !isView(data);
}

/** Has Node look at options and data, with a path that is never there. */
function checkValues(sync, args) {
  try {
    ReflectApply(sync, realFs, ['', ...rest(args, 1)]);
  } catch (error) {
    unlessMissing(error);
  }
}

function unlessMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}

function rest(args, from, to = args.length) {
  const values = [];
  for (let at = from; at < to; at++) values[at - from] = args[at];
  return values;
}

function addOpen({ authority, gate, fs, promises }) {
  const { close, closeSync } = realFs;

  /** @returns {{real: string, flags: number, checks: object | undefined, names: string[] | undefined}} */
  function prepare(args, label) {
    const given = pathText(args[0]);
    const flags = gate.flags(args[1], O_RDONLY);
    const { real, flags: safe, checks } = gate.open(given, flags, undefined, label);
    args[0] = real;
    args[1] = safe;
    return { __proto__: null, real, flags, checks, names: replaced(real, given) };
  }

  fs.open = (given) => {
    const at = typeof given[1] === 'function' ? 1 : typeof given[2] === 'function' ? 2 : 3;
    const args = [given[0], at > 1 ? given[1] : undefined, at > 2 ? given[2] : undefined, given[at]];
    const { real, flags, checks, names } = prepare(args, 'fs.open');
    if (names !== undefined) onError(args, names);
    onResult(args, (callback, results) => {
      if (typeof results[1] === 'number' && !results[0]) {
        try {
          gate.verify(results[1], checks);
        } catch (refusal) {
          return close(results[1], () => ReflectApply(callback, undefined, [refusal]));
        }
        gate.opened(results[1], flags, real);
      }
      return ReflectApply(callback, undefined, results);
    });
    return ReflectApply(realFs.open, realFs, args);
  };

  fs.openSync = (args) => {
    const { real, flags, checks, names } = prepare(args, 'fs.openSync');
    try {
      const fd = ReflectApply(realFs.openSync, realFs, args);
      try {
        gate.verify(fd, checks);
      } catch (refusal) {
        closeSync(fd);
        throw refusal;
      }
      gate.opened(fd, flags, real);
      return fd;
    } catch (error) {
      throw renamed(error, names);
    }
  };

  promises.open = (args) => {
    let prepared;
    try {
      prepared = prepare(args, 'fs.promises.open');
    } catch (error) {
      return reject(error);
    }
    const { real, flags, checks, names } = prepared;
    return whenDone(
      ReflectApply(realFs.promises.open, realFs.promises, args),
      (handle) => {
        admitHandle(handle);
        try {
          gate.verify(handle.fd, checks);
        } catch (refusal) {
          const refuse = () => reject(refusal);
          return whenDone(handle.close(), refuse, refuse);
        }
        const { writable, path } = gate.opened(handle.fd, flags, real, handle);
        if (!writable && !gate.whole(WRITE)) {
          restrictHandle(handle, (attempt) => authority.demandPath(WRITE, path, false, `${attempt}() of '${path}', opened for reading`));
        }
        return handle;
      },
      (error) => {
        throw renamed(error, names);
      },
    );
  };
}

// Descriptors

function addDescriptors({ gate, fs }) {
  for (const name in DESCRIPTOR) {
    const use = DESCRIPTOR[name], sync = realFs[`${name}Sync`], callback = realFs[name];
    fs[name] = (args) => {
      copyOperands(args);
      return during(gate.descriptor(args[0], use, `fs.${name}`), callback, args);
    };
    fs[`${name}Sync`] = (args) => {
      copyOperands(args);
      gate.descriptor(args[0], use, `fs.${name}Sync`);
      return ReflectApply(sync, realFs, args);
    };
  }
  const { close, closeSync } = realFs;

  /** Closed by its number, a FileHandle would go on with whatever file gets the number next. */
  function ownHandle(descriptor) {
    gate.table.remove(descriptor);
    return handleOf(descriptor);
  }

  fs.close = (args) => {
    const descriptor = gate.descriptor(args[0], 'close', 'fs.close');
    const callback = args[1];
    const run = () => ReflectApply(close, realFs, args);
    if (descriptor === undefined || callback !== undefined && typeof callback !== 'function') return run();
    const handle = ownHandle(descriptor);
    if (handle === undefined) return closeAfterwards(descriptor, run);
    whenDone(handle.close(), () => callback?.(null), (error) => callback?.(error));
    return undefined;
  };

  fs.closeSync = (args) => {
    const descriptor = gate.descriptor(args[0], 'close', 'fs.closeSync');
    if (descriptor === undefined) return ReflectApply(closeSync, realFs, args);
    const handle = ownHandle(descriptor);
    if (handle === undefined) return closeAfterwards(descriptor, () => ReflectApply(closeSync, realFs, args));
    // Nobody is left to hear of an error.
    whenDone(handle.close(), undefined, () => {});
    return undefined;
  };
}

// Folders

function addFolders(parts) {
  const { gate } = parts;
  addForms(parts, 'mkdir', (args, label) => {
    const given = pathText(args[0]);
    if (typeof args[1] === 'object') args[1] = copyOptions(args[1], ['mode', 'recursive']);
    const real = args[0] = gate.path(WRITE, given, false, label);
    if (args[1]?.recursive) gate.missingParents(real, label);
    return replaced(real, given);
  });
  for (const name of ['rmdir', 'rm']) {
    addForms(parts, name, (args, label) => {
      const given = pathText(args[0]);
      if (typeof args[1] === 'object') args[1] = copyOptions(args[1], REMOVE_OPTIONS);
      const real = args[0] = gate.path(WRITE, given, false, label);
      if (args[1]?.recursive) gate.tree(WRITE, real, label);
      return replaced(real, given);
    });
  }
  const temporary = (args, label) => {
    const given = pathText(args[0], 'prefix');
    if (typeof args[1] === 'object') args[1] = copyOptions(args[1], ['encoding']);
    if (gate.whole(WRITE) || typeof given !== 'string') {
      args[0] = gate.path(WRITE, given, false, label);
      return undefined;
    }
    // Node adds six characters of its own.
    const real = gate.path(WRITE, `${given}XXXXXX`, false, label);
    args[0] = StringPrototypeSlice(real, 0, -6);
    return replaced(real, `${given}XXXXXX`);
  };
  addForms(parts, 'mkdtemp', temporary);
  addForms(parts, 'mkdtempDisposable', temporary);
  addForms(parts, 'opendir', (args, label) => {
    const given = pathText(args[0]);
    if (typeof args[1] === 'object') args[1] = copyOptions(args[1], ['bufferSize', 'encoding', 'recursive']);
    const real = args[0] = gate.path(READ, given, true, label);
    if (args[1]?.recursive) gate.tree(READ, real, label);
    return replaced(real, given);
  });
}

// Existence

function addExists({ gate, fs }) {
  const { exists, existsSync } = realFs;
  /** A path that may not be asked about is not there, like one that is not a path. */
  function checked(value, label) {
    try {
      const given = pathText(value);
      return typeof given === 'string' ? gate.path(READ, given, true, label) : undefined;
    } catch (error) {
      if (isRefusal(error) || error instanceof RealTypeError) return undefined;
      throw error;
    }
  }
  fs.existsSync = (args) => {
    const real = checked(args[0], 'fs.existsSync');
    return real !== undefined && existsSync(real);
  };
  fs.exists = (args) => {
    const callback = args[1];
    if (typeof callback !== 'function') return exists('', callback);
    const real = checked(args[0], 'fs.exists');
    return real === undefined ? nextTick(callback, false) : exists(real, callback);
  };
}
