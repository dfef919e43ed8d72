/** Forms of verbs whose endings no rule takes off; each line is one verb. */
const IRREGULAR = `
be was were been|begin began begun|break broke broken|bring brought|build built|buy bought|catch caught|choose chose chosen|come came
cost|cut|do did done|draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|fight fought
find found|fly flew flown|forget forgot forgotten|freeze froze frozen|get got gotten|give gave given|go went gone|grow grew grown
hang hung|hear heard|hide hid hidden|hold held|hurt|keep kept|know knew known|lead led|leave left|lend lent|let|lose lost|make made
mean meant|meet met|pay paid|put|read|ride rode ridden|ring rang rung|rise rose risen|run ran|say said|see saw seen|sell sold sale
send sent|sew sewn|shake shook shaken|shine shone|shoot shot|show shown|shut|sing sang sung|sink sank sunk|sit sat|sleep slept
speak spoke spoken|spend spent|stand stood|steal stole stolen|stick stuck|strike struck|swim swam swum|take took taken|teach taught
tell told|think thought|throw threw thrown|understand understood|wake woke woken|wear wore worn|win won|write wrote written
child children|foot feet|tooth teeth|mouse mice|wife wives|knife knives|person people`;

/** Words of which people use one when they ask and another when they tell. */
const ALIKE = `
trip travel journey holiday vacation|car vehicle drive|phone telephone mobile call|job work employer company profession|live home address reside
kid child son daughter|mother mum mom|father dad|grandmother granny grandma|grandfather grandad granddad grandpa|doctor physician gp
meet meeting appointment|buy purchase acquire|begin start|end finish stop|fix repair mend|pet dog cat|photo picture image
movie film|bike bicycle|flat apartment|shop store|begin launch|birthday born|wife husband spouse partner married|ill sick
costs price fee pay|salary wage earn|name called|password code pin|wifi wireless wlan|email mail|eat food meal dish|allergic allergy allergies
favourite favorite like love prefer|dislike hate|garden yard|money budget|choose pick decide decision|rehearse rehearsal practice
team group|boss manager|colleague coworker|moved move relocate|sell sale|train rail railway|plane flight fly
hotel accommodation stay|baby pregnant expecting|meeting call standup|host server machine|deadline due|study studies degree university`;

/** Takes words apart as the index does. */
type Analyse = (text: string) => string[];

let alike: { readonly analyse: Analyse; readonly words: ReadonlyMap<string, ReadonlySet<string>> } | undefined;

/** Other forms of a word, and words that mean nearly the same; all as the index compares them. English only. */
export function othersOf(word: string, analyse: Analyse): ReadonlySet<string> {
  if (alike?.analyse !== analyse) alike = { analyse, words: lexicon(analyse) };
  return alike.words.get(word) ?? none;
}

const none: ReadonlySet<string> = new Set();

function lexicon(analyse: Analyse): Map<string, Set<string>> {
  const words = new Map<string, Set<string>>();
  for (const group of `${IRREGULAR}|${ALIKE}`.split(/[|\n]/)) {
    const stems = new Set(group.split(' ').flatMap((word) => (word === '' ? [] : analyse(word))));
    for (const stem of stems) {
      const others = words.get(stem) ?? new Set();
      for (const other of stems) if (other !== stem) others.add(other);
      words.set(stem, others);
    }
  }
  return words;
}
