/** A file that came in, and where it came from. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly isExecutable: boolean;
}

/** What came in: an archive, or a folder that was packed into one. Nothing in it is to be believed; links were left out. */
export interface ImportSource {
  /** What the person called it: `ada-2026-11-21.tar.gz`, `workspace`. */
  readonly name: string;
  /** By path, in the order in which they came. */
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly left: readonly Left[];
  read(path: string): Promise<Buffer | undefined>;
  /** The file as text; undefined when there is none, or it is no UTF-8. */
  text(path: string): Promise<string | undefined>;
}

/** Something that does not come along, and why. */
export interface Left {
  readonly what: string;
  readonly why: string;
}

/** What a person wishes beside the archive. */
export interface Wishes {
  readonly name?: string;
  readonly slug?: string;
}

/** A file as it will be written. */
export interface DraftFile {
  readonly content: Uint8Array | string;
  /** Files of the source that it was made of. */
  readonly from: readonly string[];
  /** What was done to it, in a few words. */
  readonly note?: string;
  readonly isExecutable?: boolean;
}

/** Something to remember, as the memory's files have it. */
export interface DraftMemory {
  readonly text: string;
  readonly kind: 'fact' | 'note';
  readonly category?: 'preference' | 'fact' | 'decision' | 'context' | 'correction';
  /** Who vouches for it: the person, the one who kept it, or nobody. */
  readonly origin: 'owner' | 'agent' | 'untrusted';
  /** 1 to 5. */
  readonly importance?: number;
  readonly triggers?: readonly string[];
  /** When it was learned. */
  readonly at?: Date;
}

/** Something that arrives switched off. */
export interface Disabled {
  readonly what: string;
  readonly where: string;
}

export interface DraftBot {
  readonly name: string;
  /** The folder name it would like. */
  readonly slug?: string;
  /** Files of its folder by their paths. */
  readonly files: ReadonlyMap<string, DraftFile>;
  readonly memories?: readonly DraftMemory[];
  /** Files beside its folder, for people to read: `data/<slug>/files/imported/…`. */
  readonly papers?: ReadonlyMap<string, DraftFile>;
  readonly disabled?: readonly Disabled[];
  /** What `bnity show` says of where it came from. */
  readonly from: string;
}

/** A skill that all bots share. */
export interface DraftSkill {
  readonly name: string;
  /** Paths from the skill's folder. */
  readonly files: ReadonlyMap<string, DraftFile>;
}

/** A key or password that stood in plain text. It is in no file that is written. */
export interface DraftSecret {
  /** A name for the vault: `OPENAI_API_KEY`. */
  readonly name: string;
  readonly where: string;
  readonly value: string;
}

/** What would be made of a source. Making it changes nothing. */
export interface Draft {
  readonly bots: readonly DraftBot[];
  readonly skills?: readonly DraftSkill[];
  readonly left?: readonly Left[];
  readonly secrets?: readonly DraftSecret[];
}

/** A form in which bots come from elsewhere. */
export interface ImportFormat {
  /** One word. */
  readonly name: string;
  /** For people: `an OpenClaw workspace`. */
  readonly title: string;
  /** Formats are asked in the order of this number. */
  readonly order: number;
  /** Whether it was made by this product: nothing has to be translated. */
  readonly isOwn: boolean;
  claims(source: ImportSource): boolean | Promise<boolean>;
  /** Throws IMPORT_REFUSED or ARCHIVE_INVALID with a sentence. */
  draft(source: ImportSource, wishes: Wishes): Promise<Draft>;
}

/** The service `imports`, one view per consumer: a format leaves with the one who added it. */
export interface Imports {
  add(format: ImportFormat): void;
}

declare module 'boternity' {
  interface Services {
    imports: Imports;
  }
}
