import { defineConfig } from 'boternity';

/** In a clone the home lies beside the code, where git ignores it. */
export default defineConfig({ home: './home' });
