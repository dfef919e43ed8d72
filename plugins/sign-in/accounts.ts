import { Fault, timestamp, systemClock, z, type Author, type Home, type Problem } from 'boternity';
import { hashPassword, verifyPassword } from './passwords.ts';
import { openStateFile, type StateFile } from './state-file.ts';

/** The account has one id for ever, before and after setup: history names it. */
export const OWNER_ID = 'owner';

/** Name and e-mail end up in author lines of commits, so they hold neither angle brackets nor line breaks. */
export const personName = z
  .string()
  .trim()
  .min(1, 'write a name')
  .max(100)
  .regex(/^[^<>\p{Cc}]*$/u, 'leave out < and >');
export const personEmail = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s<>@]+@[^\s<>@]+$/, 'write an e-mail address');

const accountSchema = z.object({
  name: z.string(),
  email: z.string(),
  /** PHC string. */
  password: z.string().startsWith('$argon2id$'),
  createdAt: z.string(),
  passwordChangedAt: z.string(),
});
const fileSchema = z.object({ v: z.literal(1), owner: accountSchema });
type AccountsFile = z.infer<typeof fileSchema>;
export type Account = z.infer<typeof accountSchema>;

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** The owner's account, in `.boternity/accounts.json`. */
export class Accounts {
  readonly #file: StateFile<AccountsFile>;

  private constructor(file: StateFile<AccountsFile>) {
    this.#file = file;
  }

  static async open(home: Home): Promise<Accounts> {
    return new Accounts(await openStateFile(home, 'accounts.json', fileSchema));
  }

  /** `none` before the setup; `broken` when there is a file that cannot be understood. */
  get state(): 'none' | 'ready' | 'broken' {
    if (this.#file.problem) return 'broken';
    return this.#file.state ? 'ready' : 'none';
  }

  get problem(): Problem | undefined {
    return this.#file.problem;
  }

  get owner(): Account | undefined {
    return this.#file.state?.owner;
  }

  /** In whose name things happen. */
  get author(): Author {
    const { owner } = this;
    return { kind: 'person', id: OWNER_ID, name: owner?.name ?? 'Owner', ...(owner && { email: owner.email }) };
  }

  /** The account; a fault that says what to do where there is none. */
  require(): Account {
    const { owner } = this;
    if (owner) return owner;
    const { problem } = this;
    if (problem) throw new Fault('ACCOUNT_UNREADABLE', `${problem.file} ${problem.message}.`);
    throw new Fault('ACCOUNT_MISSING', 'This home has no owner account yet.');
  }

  /** Makes the owner's account, in the place of one that was there. */
  async create({ name, email, password }: NewAccount): Promise<void> {
    const phc = await hashPassword(password);
    const now = timestamp(systemClock);
    await this.#file.update((state) => ({
      v: 1,
      owner: { name, email, password: phc, createdAt: state?.owner.createdAt ?? now, passwordChangedAt: now },
    }));
  }

  async change(change: Partial<Pick<Account, 'name' | 'email'>>): Promise<Account> {
    await this.#file.update(() => ({ v: 1, owner: { ...this.require(), ...change } }));
    return this.require();
  }

  async setPassword(password: string): Promise<void> {
    this.require();
    const phc = await hashPassword(password);
    await this.#file.update(() => ({
      v: 1,
      owner: { ...this.require(), password: phc, passwordChangedAt: timestamp(systemClock) },
    }));
  }

  /** Whether this is the owner's e-mail and password. An unknown e-mail takes as long as a wrong password. */
  async verify(email: string, password: string): Promise<boolean> {
    const { owner } = this;
    const isKnown = owner !== undefined && plain(owner.email) === plain(email);
    return (await verifyPassword(password, isKnown ? owner.password : undefined)) && isKnown;
  }
}

function plain(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}
