// The search: words that must all occur, and words with a field before them. What occurs is looked up once for each name
// and each list of facts, not once for each record.

const FIELDS = ['actor', 'kind', 'subject', 'at', 'is', 'no'];

/** Splits a search into terms: `actor:rip1 -kind:best "two words"`. */
function parseQuery(query) {
  const terms = [];
  for (const [, minus, field, quoted, bare] of query.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/g)) {
    const text = (quoted ?? bare).toLowerCase();
    if (field && !FIELDS.includes(field)) terms.push({ isNot: minus === '-', field: null, text: `${field}:${text}` });
    else if (text) terms.push({ isNot: minus === '-', field: field ?? null, text });
  }
  return terms;
}

/** For each item whether it is found; null if nothing is searched. */
function findItems(query) {
  const terms = parseQuery(query);
  if (terms.length === 0) return null;
  const found = new Uint8Array(items.count);
  for (const side of sides) {
    const tests = terms.map((term) => testOf(traces[side], term));
    const { shown } = items;
    for (let item = 0; item < items.count; item++) {
      const record = shown[side][item];
      if (record > 0 && tests.every((test) => test(record))) found[item] = 1;
    }
  }
  return found;
}

/** A function that says of a record whether a term holds. */
function testOf(trace, term) {
  const test = positiveTest(trace, term);
  return term.isNot ? (record) => !test(record) : test;
}

function positiveTest(trace, { field, text }) {
  switch (field) {
    case 'actor': return nameTest(trace, text, (name) => texts[trace.names[name * 3]]);
    case 'kind': return nameTest(trace, text, (name) => texts[trace.names[name * 3 + 1]]);
    case 'subject': return nameTest(trace, text, (name) => texts[trace.names[name * 3 + 2] - 1] ?? '');
    case 'at': return atTest(trace, text);
    case 'is': return isTest(trace, text);
    case 'no': return (record) => String(record) === text;
    default: return text.includes('#') ? (record) => nameText(trace, record).toLowerCase().includes(text) : textTest(trace, text);
  }
}

/** A whole name, in which a star stands for anything. */
function nameTest(trace, pattern, textOf) {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 'su');
  const holds = Uint8Array.from({ length: trace.nameCount }, (_, name) => expression.test(textOf(name).toLowerCase()));
  return (record) => holds[trace.what[record]] === 1;
}

function atTest(trace, text) {
  const holds = Uint8Array.from(trace.instants, (nanos) => spell(nanos) === text);
  return (record) => holds[trace.instantOf[record]] === 1;
}

function isTest(trace, word) {
  switch (word) {
    case 'event': return (record) => trace.origin[record] === EVENT;
    case 'note': return (record) => trace.origin[record] === NOTE;
    case 'cancelled': return (record) => trace.origin[record] === CANCELLED;
    case 'moved': return (record) => trace.origin[record] === MOVED;
    case 'tie': return (record) => isTie(trace, record);
    case 'twin': return (record) => trace.isTwin[record] === 1;
    case 'root': return (record) => isEvent(trace, record) && trace.cause[record] === 0;
    default: return () => false;
  }
}

/** A text that occurs in the name or in the facts. */
function textTest(trace, text) {
  const { names } = trace;
  const inName = Uint8Array.from({ length: trace.nameCount }, (_, name) => {
    const subject = names[name * 3 + 2];
    const spelled = `${texts[names[name * 3]]}/${texts[names[name * 3 + 1]]}${subject > 0 ? `(${texts[subject - 1]})` : ''}`;
    return spelled.toLowerCase().includes(text);
  });
  const inFacts = Uint8Array.from(trace.lists, (list) => {
    for (let at = 0; at < list.length; at += 2) {
      const [key, value] = [texts[list[at]], texts[list[at + 1]]];
      if ((key === 'result' ? `-> ${value}` : `${key}=${value}`).toLowerCase().includes(text)) return true;
    }
    return false;
  });
  return (record) => inName[trace.what[record]] === 1 || inFacts[trace.facts[record]] === 1;
}
