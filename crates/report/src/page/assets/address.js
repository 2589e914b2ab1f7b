// The fragment of the address keeps what is selected and shown, so that a place can be linked to: `#r=123&q=actor:rip1`.

function addressOf() {
  const parts = [];
  const add = (key, value) => parts.push(`${key}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2F', '/')}`);
  if (state.record > 0) add('r', (isComparison ? letterOf(state.side) : '') + state.record);
  if (state.query) add('q', state.query);
  const flags = [
    [state.onlyMatches, 'matches'],
    [state.onlyEvents, 'events'],
    [state.onlyDifferences, 'differences'],
  ];
  const only = flags.filter(([isSet]) => isSet).map(([, word]) => word);
  if (only.length > 0) add('only', only.join(','));
  if (state.zoom !== 'normal') add('zoom', state.zoom);
  if (state.arrows !== 'all') add('arrows', state.arrows);
  for (const actor of state.hiddenActors) add('actor-', texts[actor]);
  for (const kind of state.hiddenKinds) add('kind-', texts[kind]);
  if (state.order.some((actor, at) => actor !== actors[at].text)) {
    for (const actor of state.order) add('lane', texts[actor]);
  }
  return `#${parts.join('&')}`;
}

/** Takes over what an address says; what it does not mention is as at first. */
function readAddress(fragment) {
  const pairs = fragment.replace(/^#/, '').split('&').map((part) => {
    const [key, ...value] = part.split('=');
    return [key, decoded(value.join('='))];
  });
  const one = (key) => pairs.find(([found]) => found === key)?.[1] ?? '';
  const all = (key) => new Set(pairs.filter(([found]) => found === key).map(([, value]) => value));
  const only = one('only').split(',');
  state.query = one('q');
  state.onlyMatches = only.includes('matches');
  state.onlyEvents = only.includes('events');
  state.onlyDifferences = isComparison && only.includes('differences');
  state.zoom = ZOOMS.includes(one('zoom')) ? one('zoom') : 'normal';
  state.arrows = ARROWS.includes(one('arrows')) ? one('arrows') : 'all';
  state.hiddenActors = textsNamed(actors, all('actor-'));
  state.hiddenKinds = textsNamed(kinds, all('kind-'));
  readOrder([...all('lane')]);
  const [, letter, number] = /^([AB]?)(\d{1,9})$/.exec(one('r')) ?? ['', '', 0];
  const side = isComparison && letter === 'B' ? 1 : 0;
  setSelection(side, Number(number) <= traces[side].size ? Number(number) : 0);
}

function decoded(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function textsNamed(entries, names) {
  return new Set(entries.filter(({ text }) => names.has(texts[text])).map(({ text }) => text));
}

/** Named actors come first, in the order given; the others follow. */
function readOrder(names) {
  const rank = new Map(names.map((name, at) => [name, at]));
  const rankOf = (text) => rank.get(texts[text]) ?? names.length;
  state.order = actors.map(({ text }) => text).sort((one, other) => rankOf(one) - rankOf(other));
}

/** Writes the address: as a new entry of the browser's history after a jump, in place of the last one otherwise. */
function writeAddress(isJump) {
  const address = addressOf();
  if (address === window.location.hash || (address === '#' && window.location.hash === '')) return;
  try {
    if (isJump) window.history.pushState(null, '', address);
    else window.history.replaceState(null, '', address);
  } catch {
    // Browsers limit how often an address may change. What it says is then a little late.
  }
}
