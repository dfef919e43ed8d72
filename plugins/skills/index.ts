import { definePlugin, ruleFor, settingsOf, type Bot, type Brought } from 'boternity';
import { listSkills, loadSkill, readSkillFile } from './actions.ts';
import { indexSection } from './index-section.ts';
import { skillFiles } from './skill-file.ts';
import { Skills } from './skills.ts';

declare module 'boternity' {
  interface BotFiles {
    skills: typeof skillFiles;
  }
}

const tools = ['skills_load', 'skills_read_file', 'skills_list'];

/** Lets bots have skills: an index of them in the prompt, bodies and files on demand. Nothing of a skill is run. */
export default definePlugin({
  name: 'skills',
  needs: ['home', 'house', 'bots', 'actions'],
  setup({ home, house, bots, actions }) {
    bots.files('skills', skillFiles);
    const skills = new Skills(home, bots);
    actions.add(listSkills(bots, skills), loadSkill(skills), readSkillFile(skills));
    bots.bring((bot) => indexFor(bot, skills));
    house.tellProblems(
      () => [],
      () => skills.check(),
    );
  },
});

/** A bot that may not load them has no use for the index. */
async function indexFor(bot: Bot, skills: Skills): Promise<Partial<Brought> | undefined> {
  const rules = settingsOf(bot).tools;
  if (ruleFor('skills_load', { ...rules, allow: ['*'] }) === 'deny') return undefined;
  const found = await skills.of(bot);
  return found.skills.length > 0 ? { sections: [indexSection(found.skills)], tools } : undefined;
}
