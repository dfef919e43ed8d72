/** Words of English that are in any text and tell nothing: articles, pronouns, prepositions, helping verbs, and what contractions leave. */
export const stopWords: ReadonlySet<string> = new Set(
  (
    'a an the this that these those i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she ' +
    'her hers herself it its itself they them their theirs themselves one what which who whom whose when where why how there here ' +
    'am is are was were be been being have has had having do does did doing will would shall should can could may might must ' +
    'ought and but or nor if then else because as until while of at by for with about against between into through during to from ' +
    'in on off over under again further once than too very so just only own same such both each few more most other some any all ' +
    'no not now also s t d ll m re ve don isn aren wasn weren hasn haven hadn doesn didn won wouldn shan shouldn couldn mustn ' +
    'let lets please tell'
  ).split(' '),
);
