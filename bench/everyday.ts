/** What people say of themselves and each other; what stands in brackets is one of several things. */
const SAYINGS = `
[name] buys [food] at the market every [day]
[name] cannot stand the taste of [food]
[name] bakes bread with [food] for the [event]
[name] cooked [food] for the [event] last [month]
[name] waters the [plant] on the balcony every [day]
[name] planted a [plant] behind the shed in [month]
[name] works as a [job] in [town]
[name] gave up working as a [job] in [month]
[name] wants to train as a [job] next year
[name] moved to [town] in [month]
[name] grew up in [town] with two brothers
[name] spent the holidays in [town] with a [job]
[name] takes the train to [town] on [day]
[name] missed the bus to [town] because of the [event]
[name] plays the [instrument] in an orchestra in [town]
[name] sold the old [instrument] to a [job]
[name] practises the [instrument] before breakfast
[name] repairs [thing] in the basement on [day]
[name] lent the [thing] to a neighbour in [month]
[name] ordered a new [thing] from a shop in [town]
[name] keeps the [thing] in the attic
[name] left the [thing] on the train to [town]
[name] broke the [thing] at the [event]
[name] pays the rent on the first [day] of the month
[name] signed the lease of a room in [town] in [month]
[name] painted the kitchen [colour] before the [event]
[name] wore a [colour] jacket at the [event]
[name] knits a [colour] scarf for a [job]
[name] reads novels about [town] in the evening
[name] writes letters to a [job] in [town]
[name] learns the language they speak in [town]
[name] runs ten kilometres every [day]
[name] swims in the lake near [town] until [month]
[name] hurt a knee while carrying the [thing]
[name] sees the dentist in [month]
[name] needs new glasses before the [event]
[name] forgot the anniversary in [month]
[name] invited a [job] to the [event]
[name] missed the [event] because of a cold
[name] saves money for a [thing]
[name] owes a [job] twenty francs for the [thing]
[name] votes in [town] and not in the capital
[name] meets a [job] for chess every [day]
[name] volunteers at the library on [day]
[name] teaches children to make [thing] out of cardboard
[name] photographs birds near [town] in [month]
[name] changed the password after the [event]
[name] backs up the computer every [day]
[name] gets up at six on [day]
[name] sleeps badly before the [event]`;

const THINGS: Readonly<Record<string, string>> = {
  name: `Anna Tomasz Rosa Linnea Elias Mirjam Kofi Yuki Pedro Ingrid Amara Bruno Chidi Dalia Emre Farid Greta Hana Ivo Jonas Keiko Lena
    Marta Nils Olga Pavel Quinn Rania Sven Tara Ugo Vera Wanda Xenia Yara Zoltan`,
  food: 'rye lentils mushrooms aubergines salmon pears walnuts goat-cheese chestnuts asparagus beetroot quinoa',
  plant: 'lemon-tree basil fern cactus rose-bush fig-tree orchid tomato mint lavender',
  job: 'nurse carpenter plumber librarian pilot baker notary beekeeper surveyor tailor gardener translator',
  town: 'Bern Ghent Osaka Accra Leeds Tbilisi Valencia Bergen Nairobi Jaipur Quito Tampere',
  day: 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday',
  month: 'January February March April May June July August September October November December',
  event: 'wedding concert housewarming graduation parade funeral picnic exhibition marathon assembly',
  instrument: 'piano cello trumpet accordion oboe harp banjo organ',
  thing: 'bicycle ladder tent lamp radio printer toaster kayak sewing-machine telescope drill suitcase',
  colour: 'green yellow grey purple orange white',
};

const sayings = SAYINGS.trim().split('\n');
const things = Object.fromEntries(Object.entries(THINGS).map(([kind, list]) => [kind, list.split(/\s+/)]));

/** So many everyday facts about people, no two alike. */
export function everydayFacts(count: number): string[] {
  const facts = new Set<string>();
  for (let number = 0; facts.size < count; number += 1) {
    let left = Math.imul(number + 1, 2_654_435_761) >>> 0;
    const saying = sayings[number % sayings.length] ?? '';
    facts.add(
      saying.replaceAll(/\[(\w+)\]/g, (_, kind: string) => {
        const list = things[kind] ?? [];
        const chosen = list[left % list.length] ?? '';
        left = Math.floor(left / list.length) + number;
        return chosen.replace('-', ' ');
      }),
    );
  }
  return [...facts];
}
