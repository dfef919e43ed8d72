import type { Command as Program } from 'commander';
import { findHome } from '../boot/find-home.ts';
import type { Terminal } from './command.ts';
import { completionScript, shells } from './completion.ts';
import type { Outfit } from './outfit.ts';

/** First words of what needs no server to talk to. */
export const builtIns: readonly string[] = ['serve', 'completion'];

/** Adds the commands that need no server to talk to. */
export function addBuiltIns(program: Program, outfit: Outfit, terminal: Terminal): void {
  program
    .command('serve')
    .description('Runs the server.')
    .option('--port <port>', 'port to listen on; 0 takes any')
    .option('--host <address>', 'address to listen on')
    .option(
      '--safe',
      'plugins of the product alone: those of the home, of packages and of boternity.config.ts do not run',
    )
    .addHelpText('after', '\nExamples:\n  bnity serve\n  bnity serve --port 0 --home ./home\n  bnity serve --safe')
    .action(async (options: { port?: string; host?: string; safe?: boolean }, command: Program) => {
      const { serve } = await import('./serve.ts');
      await serve(
        await findHome(command.optsWithGlobals().home as string | undefined, process.cwd(), process.env),
        options,
        outfit,
        terminal,
      );
    });
  program
    .command('completion')
    .argument('[shell]', shells.join(', '))
    .description('Prints what a shell needs to complete commands, bots and names.')
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(bnity completion bash)"\n  eval "$(bnity completion zsh)"\n' +
        '  bnity completion fish > ~/.config/fish/completions/bnity.fish',
    )
    .action(async (shell: string | undefined) => {
      const script = await completionScript(shell);
      terminal.stdout.write(terminal.isJson ? `${JSON.stringify({ shell, script })}\n` : script);
    });
}
