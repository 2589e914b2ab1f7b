// What is known of the selected record: facts, causes back to the root, and what it led to. Every record named is a link.

/** How many records a list shows before it is opened. */
const LIST_SHORT = 12;

function renderDetails() {
  const details = byId('details');
  const content = byId('details-content');
  content.replaceChildren();
  details.classList.toggle('blank', state.record === 0);
  if (state.record === 0) {
    content.append(element('p', { class: 'hint' }, 'Select a row to see its facts, its causes and what it led to.'));
    content.append(...overviewOfRun());
    return;
  }
  const records = isComparison ? recordsOfBothSides() : [state.record];
  if (isComparison) content.append(...comparisonHead(records));
  const columns = element('div', { class: 'columns' });
  for (const side of sides) {
    if (records[side] > 0) columns.append(detailsOf(side, records[side], records));
    else columns.append(element('section', {}, element('p', { class: 'hint' }, `${letterOf(side)} has no such record.`)));
  }
  content.append(columns);
  details.scrollTop = 0;
}

/** Of a page without a selection: what was run. */
function overviewOfRun() {
  return sides.map((side) => {
    const trace = traces[side];
    const ties = trace.events.filter((event) => isTie(trace, event)).length;
    const list = element('dl');
    const add = (term, value) => list.append(element('dt', {}, term), element('dd', {}, value));
    if (isComparison) add(letterOf(side), trace.name);
    for (const part of trace.header.split(' · ')) {
      const [word, ...rest] = part.split(' ');
      add(word, rest.join(' '));
    }
    add('records', trace.size.toLocaleString('en'));
    add('events', trace.events.length.toLocaleString('en'));
    add('ties', ties.toLocaleString('en'));
    add('fingerprint', trace.fingerprint);
    return element('section', {}, list);
  });
}

function detailsOf(side, record, records) {
  const trace = traces[side];
  const section = element('section', { 'aria-label': isComparison ? `Side ${letterOf(side)}` : 'Record' });
  const title = element('h2', {}, isComparison ? element('span', { class: 'letter' }, letterOf(side)) : '', nameText(trace, record));
  section.append(title, propertiesOf(side, record, records));
  const isNote = !isEvent(trace, record);
  section.append(element('h3', {}, isNote ? 'Made during' : 'Causes, back to the root'));
  section.append(chainList(side, record));
  if (isNote) return section;
  const effects = [...effectsOf(trace, record)];
  section.append(element('h3', {}, `Led to ${counted(effects.length, 'event')}`));
  section.append(recordList(side, effects));
  const notes = notesOf(trace, record);
  section.append(element('h3', {}, `${counted(notes.length, 'record')} during it`));
  section.append(recordList(side, notes));
  return section;
}

/** What the record says of itself. In a comparison, what the other side says otherwise is marked. */
function propertiesOf(side, record, records) {
  const other = isComparison && records.every((number) => number > 0) ? new Map(properties(1 - side, records[1 - side])) : null;
  const list = element('dl');
  for (const [term, value] of properties(side, record)) {
    const isChanged = other !== null && other.get(term) !== value && term !== 'number';
    list.append(element('dt', {}, term), element('dd', { class: isChanged ? 'changed' : '' }, value));
  }
  return list;
}

function properties(side, record) {
  const trace = traces[side];
  const found = [
    ['number', String(record)],
    ['at', `${instantText(trace, record)}${sinceText(trace, record)}`],
    ['actor', actorText(trace, record)],
    ['kind', texts[kindOf(trace, record)]],
  ];
  if (subjectOf(trace, record) > 0) found.push(['subject', subjectText(trace, record)]);
  if (isEvent(trace, record)) {
    found.push(['repeat', `${trace.repeat[record]}`], ['choice', choiceText(trace, record)]);
  } else {
    found.push(['what', originText(trace, record)]);
  }
  return found.concat(factProperties(trace, record));
}

/** The facts; a key that occurs more than once keeps all its values. */
function factProperties(trace, record) {
  const byKey = new Map();
  for (const [key, value] of factsOf(trace, record)) byKey.set(key, [...(byKey.get(key) ?? []), value]);
  return [...byKey].map(([key, values]) => [`${key} =`, values.join(', ')]);
}

/** How long after its cause an event ran. */
function sinceText(trace, record) {
  const cause = trace.cause[record];
  if (!isEvent(trace, record) || cause <= 0) return '';
  const since = nanosOf(trace, record) - nanosOf(trace, cause);
  return since === 0n ? ', in the instant of its cause' : `, ${spell(since)} after its cause`;
}

function choiceText(trace, record) {
  if (!isTie(trace, record)) return 'none: nothing else could run';
  const twin = trace.isTwin[record] ? '; the next event has the same name, so that only the order of scheduling decided' : '';
  return `${tieText(trace, record)} number ${trace.place[record]} of ${trace.of[record]} events that could run, in the order of scheduling${twin}`;
}

function chainList(side, record) {
  const trace = traces[side];
  const chain = chainOf(trace, record).slice(1);
  const list = element('ol', { class: 'chain' });
  openable(chain, list, (cause) => element('li', {}, recordLink(side, cause)));
  const root = chain.at(-1) ?? record;
  const end = trace.cause[root] === UNKNOWN ? 'an event that the trace does not have' : 'outside the run';
  list.append(element('li', { class: 'root' }, `from ${end}`));
  return list;
}

function recordList(side, records) {
  const list = element('ul', { class: 'chain' });
  openable(records, list, (record) => element('li', {}, recordLink(side, record)));
  return list;
}

/** Fills a list; a long one is cut, with a button that shows the rest. */
function openable(records, list, make) {
  list.append(...records.slice(0, LIST_SHORT).map(make));
  const rest = records.slice(LIST_SHORT);
  if (rest.length > 0) {
    const button = element('button', { type: 'button', class: 'more' }, `Show ${rest.length.toLocaleString('en')} more`);
    const item = element('li', {}, button);
    button.addEventListener('click', () => item.replaceWith(...rest.map(make)));
    list.append(item);
  }
}

/** A link to a record: its number, when it was, and its name. */
function recordLink(side, record) {
  const trace = traces[side];
  const link = element('a', { href: `#r=${isComparison ? letterOf(side) : ''}${record}` });
  link.append(element('span', { class: 'no' }, String(record)), element('span', { class: 'at', title: instantText(trace, record) }, instantText(trace, record)));
  const name = isEvent(trace, record) ? nameText(trace, record) : `${actorText(trace, record)} · ${whatText(trace, record)}`;
  link.append(element('span', { class: 'name' }, name), element('span', { class: 'facts' }, isEvent(trace, record) ? tieText(trace, record) : factsText(trace, record)));
  link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    select(side, record, 'jump');
  });
  return link;
}
