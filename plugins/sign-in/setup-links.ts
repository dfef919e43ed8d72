import { Fault, systemClock, z, type Home } from 'boternity';
import { digestOf, isSameDigest, newSecret } from './secret.ts';
import { openStateFile, type StateFile } from './state-file.ts';

const LIFE_MS = 24 * 60 * 60 * 1_000;

const fileSchema = z.object({ v: z.literal(1), digest: z.string(), expiresAt: z.string() });
type SetupFile = z.infer<typeof fileSchema>;

/** The one link by which the owner's account is made or made anew: used once, good for a day, replaced by the next. */
export class SetupLinks {
  readonly #file: StateFile<SetupFile>;

  private constructor(file: StateFile<SetupFile>) {
    this.#file = file;
  }

  static async open(home: Home): Promise<SetupLinks> {
    return new SetupLinks(await openStateFile(home, 'setup.json', fileSchema));
  }

  /** A new secret for the link; the last one is no longer good. */
  async make(): Promise<{ readonly secret: string; readonly expiresAt: string }> {
    const secret = newSecret();
    const expiresAt = new Date(systemClock.now() + LIFE_MS).toISOString();
    await this.#file.update(() => ({ v: 1, digest: digestOf(secret), expiresAt }));
    return { secret, expiresAt };
  }

  /** When the link of this secret ends. Throws SETUP_LINK_INVALID. */
  look(secret: string): string {
    const { state } = this.#file;
    if (!state || !isSameDigest(state.digest, digestOf(secret))) {
      throw new Fault('SETUP_LINK_INVALID', 'This setup link was used already, or a newer one was made.');
    }
    if (systemClock.now() < Date.parse(state.expiresAt)) return state.expiresAt;
    throw new Fault('SETUP_LINK_INVALID', 'This setup link has expired.');
  }

  /** Uses up the link: of two who try at once one gets through. Throws SETUP_LINK_INVALID. */
  async use(secret: string): Promise<void> {
    await this.#file.update(() => {
      this.look(secret);
      return undefined;
    });
  }
}
