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
  /** Whether the seal has a capability policy. */
  policy: boolean;
  /** Whether violations of that policy are only recorded. */
  reportsOnly: boolean;
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
  /** Format in bits 0 to 2, flags above, and from bit 8 the mask of powerful globals. */
  entry(path: string): number;
  script(path: string): string;
  text(path: string): string;
  /** Of an ES module: under a policy it imports the powerful globals that it mentions. */
  moduleText(path: string): string;
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
  capabilities(): string[];
  globalNames(): string[];
  /** For each capability: 0 denied, 1 whole, 2 with a scope. */
  grants(location: string): number[];
  permits(location: string, capability: string, value: string): boolean;
  demand(location: string, capability: string, value: string, attempt: string): void;
  note(location: string, capability: string, value: string, attempt: string): void;
  /** Gives the real path that was decided on. */
  demandPath(location: string, capability: string, path: string, follow: boolean, attempt: string): string;
  checkEdge(importer: string, target: string, specifier: string): void;
  packageOf(path: string): string;
  policyFacts(): { patched: boolean; web: boolean; definable: string[] };
  /** Importing package and specifier, alternating. */
  preloads(): string[];
  /** A rule is empty for a free member, `-` for a hidden one, else capabilities joined by `+`. */
  builtinRules(name: string): { needs: string[]; names: string[]; rules: string[] };
  analyseSource(source: Uint8Array, goal: string, language: string): SourceFacts;
  runCli(args: string[], register: string, node: string): 0 | 1 | 2 | 3;
}

export interface Native extends Binding {
  sloppyPrefix: number;
  strictPrefix: number;
  root: string;
  childEnvironment(): Record<string, string>;
}
