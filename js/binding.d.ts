// What src/binding exports, for the shim. Not part of the public API.

export interface StartFacts {
  main?: string;
  cwd: string;
  extensions: string[];
  requireConditions: string[];
  builtins: string[];
  nodePath: string[];
  hashSlash: boolean;
}

export interface StartResult {
  root: string;
  lockdown: boolean;
  audit: boolean;
  warnings: string[];
  /** Names and values, alternating. */
  childEnvironment: string[];
}

export interface SourceFacts {
  isModule: boolean;
  cjsExports: string[];
  cjsReexports: string[];
}

export interface Binding {
  start(facts: StartFacts): StartResult;
  isAudit(): boolean;
  selfCheck(files: string[]): void;
  /** A path, `node:NAME`, or `!CODE\0message\0path`. */
  resolveRequire(specifier: string, from: string): string;
  resolveImport(specifier: string, from: string, conditions: string[]): string;
  resolvePath(path: string): string;
  /** Format in bits 0 to 2, flags above. */
  entry(path: string): number;
  script(path: string): string;
  text(path: string): string;
  /** Text, specifier, text, specifier, …, text. */
  modulePieces(path: string): string[];
  bytes(path: string): Buffer;
  exportNames(path: string): string[];
  sealedText(path: string, content: string): boolean;
  native(path: string): string;
  issueToken(subject: string): string;
  redeemToken(token: string): string | null;
  unlisted(what: string): void;
  closed(what: string): void;
  auditSummary(): string[];
  wrapperPrefixes(): { sloppyPrefix: number; strictPrefix: number };
  ignoreInspectorSignal(): void;
  analyseSource(source: Uint8Array, goal: string, language: string): SourceFacts;
  runCli(args: string[], register: string, node: string): 0 | 1 | 2 | 3;
}

export interface Native extends Binding {
  sloppyPrefix: number;
  strictPrefix: number;
  childEnvironment(): Record<string, string>;
}
