// The keyboard. Every key is in this table, and the help is made of it.

const KEYS = [
  ['↓ or j', 'Next row', ['ArrowDown', 'j'], () => stepRow(1)],
  ['↑ or k', 'Previous row', ['ArrowUp', 'k'], () => stepRow(-1)],
  ['→', 'Next record of the same actor', ['ArrowRight'], () => stepWhere(1, sameActor())],
  ['←', 'Previous record of the same actor', ['ArrowLeft'], () => stepWhere(-1, sameActor())],
  ['Page Down, Page Up', 'A page down, a page up', ['PageDown', 'PageUp'], (key) => stepRow(key === 'PageDown' ? pageRows() : -pageRows())],
  ['Home or g, End or G', 'First row, last row', ['Home', 'g', 'End', 'G'], (key) => stepRow(key === 'Home' || key === 'g' ? -Infinity : Infinity)],
  ['c', 'To the cause; of a note, to the event during which it was made', ['c'], () => toCause()],
  ['e, E', 'To the first effect; to the next effect of the same cause', ['e', 'E'], (key) => (key === 'e' ? toEffect() : toSibling())],
  ['t, T', 'Next tie, previous tie', ['t', 'T'], (key) => stepWhere(key === 't' ? 1 : -1, isTie)],
  ['i, I', 'Next instant, previous instant', ['i', 'I'], (key) => stepInstant(key === 'i' ? 1 : -1)],
  ['d, D', 'Next difference, previous difference', ['d', 'D'], (key) => stepDifference(key === 'd' ? 1 : -1)],
  ['s', 'To the other side of the comparison', ['s'], () => toOtherSide()],
  ['x', 'To the first difference', ['x'], () => selectDivergence()],
  ['Enter', 'To the details of the row', ['Enter'], () => byId('details').focus()],
  ['/', 'Search', ['/'], () => byId('search').focus()],
  ['n, N', 'Next found, previous found', ['n', 'N'], (key) => stepFound(key === 'n' ? 1 : -1)],
  ['f', 'Show only what is found, or all', ['f'], () => toggle('onlyMatches')],
  ['o', 'Show only events, or notes too', ['o'], () => toggle('onlyEvents')],
  ['p', 'Open or close the panel of actors and kinds', ['p'], () => togglePanel()],
  ['z', 'Next size of rows: dense, normal, wide', ['z'], () => cycle('zoom', ZOOMS)],
  ['a', 'Arrows: all, of the selection, none', ['a'], () => cycle('arrows', ARROWS)],
  ['m', 'Light or dark', ['m'], () => toggleTheme()],
  ['Escape', 'Close this, leave the search, or select nothing', ['Escape'], () => escape()],
  ['?', 'This help', ['?'], () => byId('help').showModal()],
];
const COMPARISON_KEYS = ['d, D', 's', 'x'];

const keyActions = new Map(KEYS.filter(isUsable).flatMap(([, , keys, action]) => keys.map((key) => [key, action])));

function isUsable([label]) {
  return isComparison || !COMPARISON_KEYS.includes(label);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId('help').open) return;
  if (event.target.closest('input, select, textarea') && event.target.type !== 'checkbox') return;
  // Buttons and links keep Enter and Space to themselves.
  if (event.key === 'Enter' && event.target.closest('button, a')) return;
  // What scrolls itself keeps the keys that scroll.
  if (event.target.closest('#details, #panel') && /^(Arrow|Page|Home|End)/.test(event.key)) return;
  const action = keyActions.get(event.key);
  if (!action) return;
  event.preventDefault();
  action(event.key);
}

function renderHelp() {
  const rows = KEYS.filter(isUsable).map(([label, text]) => {
    const keys = label.split(/( or |, )/).map((part) => (/^( or |, )$/.test(part) ? part : element('kbd', {}, part)));
    return element('tr', {}, element('th', { scope: 'row' }, ...keys), element('td', {}, text));
  });
  byId('help-keys').replaceChildren(...rows);
}

function pageRows() {
  return Math.max(Math.floor(list.clientHeight / ROW_HEIGHT[state.zoom]) - 2, 1);
}

function stepRow(step) {
  const start = selectedPlace();
  const last = view.visible.length - 1;
  if (last < 0) return;
  const from = start < 0 ? (step > 0 ? firstInSight() - 1 : firstInSight() + 1) : start;
  selectPlace(Math.min(Math.max(from + step, 0), last), 'step');
}

function firstInSight() {
  return Math.ceil(list.scrollTop / ROW_HEIGHT[state.zoom]);
}

/** Selects the nearest row in a direction whose record is one of those wanted. */
function stepWhere(direction, isWanted) {
  const start = selectedPlace();
  for (let place = start + direction; place >= 0 && place < view.visible.length; place += direction) {
    const item = view.visible[place];
    for (const side of [state.side, ...sides.filter((other) => other !== state.side)]) {
      const record = items.shown[side][item];
      if (record > 0 && isWanted(traces[side], record)) {
        select(side, record, 'jump');
        return;
      }
    }
  }
  say(direction > 0 ? 'Nothing more below.' : 'Nothing more above.');
}

function sameActor() {
  const actor = state.record > 0 ? actorOf(traces[state.side], state.record) : -1;
  return (trace, record) => actorOf(trace, record) === actor;
}

function stepInstant(direction) {
  const trace = traces[state.side];
  const now = trace.instantOf[Math.max(state.record, 1)];
  const record = trace.firstOf[now + direction];
  if (record === undefined) say(direction > 0 ? 'This is the last instant.' : 'This is the first instant.');
  else select(state.side, record, 'jump');
}

function toCause() {
  const cause = traces[state.side].cause[state.record];
  if (state.record > 0 && cause > 0) select(state.side, cause, 'jump');
  else say('This came from outside the run.');
}

function toEffect() {
  const trace = traces[state.side];
  const event = state.record > 0 ? eventOf(trace, state.record) : 0;
  const effect = event > 0 ? effectsOf(trace, event)[0] : undefined;
  if (effect === undefined) say('This led to no event.');
  else select(state.side, effect, 'jump');
}

/** From one effect to the next of the same cause, and from the last to the first. */
function toSibling() {
  const trace = traces[state.side];
  const cause = trace.cause[state.record];
  if (!(cause > 0) || !isEvent(trace, state.record)) return;
  const effects = effectsOf(trace, cause);
  select(state.side, effects[(effects.indexOf(state.record) + 1) % effects.length], 'jump');
}

function toOtherSide() {
  const other = counterpartOf(state.side, state.record);
  if (other > 0) select(1 - state.side, other, 'jump');
  else say('The other side has no such record.');
}

function stepFound(direction) {
  const places = view.foundPlaces;
  if (places.length === 0) {
    say(state.query ? 'Nothing found.' : 'Nothing is searched for.');
    return;
  }
  const here = selectedPlace();
  const after = lowerBound(places, here + 1);
  const before = lowerBound(places, here) - 1;
  const next = direction > 0 ? after % places.length : (before + places.length) % places.length;
  selectPlace(places[next], 'jump');
}

function escape() {
  if (document.activeElement !== list) list.focus();
  else select(state.side, 0, 'step');
}
