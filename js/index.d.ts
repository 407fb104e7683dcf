/** Stable codes of refusals; docs/codes.md tells what to do about each. */
export type LoadlockErrorCode =
  | 'ERR_LOADLOCK_CAPABILITY'
  | 'ERR_LOADLOCK_EXPIRED'
  | 'ERR_LOADLOCK_FORMAT'
  | 'ERR_LOADLOCK_INTEGRITY'
  | 'ERR_LOADLOCK_LOADER_CLOSED'
  | 'ERR_LOADLOCK_NO_BINDING'
  | 'ERR_LOADLOCK_NO_MANIFEST'
  | 'ERR_LOADLOCK_ROLLBACK'
  | 'ERR_LOADLOCK_SELF_CHECK'
  | 'ERR_LOADLOCK_SIGNATURE'
  | 'ERR_LOADLOCK_UNLISTED'
  | 'ERR_LOADLOCK_UNSUPPORTED';

/** A load that was refused. */
export class LoadlockError extends Error {
  readonly code: LoadlockErrorCode;
  /** Root-relative path of the file, or what was asked for when it lies outside the sealed root. */
  readonly path?: string;
  /** Location of the owning package, `.` for the application. */
  readonly package?: string;
  /** The capability that was used without a grant. */
  readonly capability?: string;
  /** The digest that was sealed, `blake3:…`. */
  readonly expected?: string;
  /** The digest that was found. */
  readonly found?: string;
  /** The rule that was broken. */
  readonly rule?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Exit status of the command line: fine, findings, wrong usage or unreadable input, signature or trust failure. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** Runs the command line, as `npx loadlock` would. */
export function cli(args: readonly string[]): ExitStatus;

/** The version of this package. */
export const version: string;
