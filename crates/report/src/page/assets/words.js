// How records are spelled: as the text form of a trace has it.

const NANOS_A_SECOND = 1000000000n;
const NEVER = 18446744073709551615n;

/** Nanoseconds as `1m30s`: whole numbers only, so that no digit is lost. */
function spell(nanos) {
  if (nanos === NEVER) return 'never';
  if (nanos < 0n) return `-${spell(-nanos)}`;
  if (nanos === 0n) return '0s';
  const seconds = nanos / NANOS_A_SECOND;
  const rest = nanos % NANOS_A_SECOND;
  const parts = [
    [seconds / 3600n, 'h'],
    [(seconds / 60n) % 60n, 'm'],
    [seconds % 60n, 's'],
    [rest / 1000000n, 'ms'],
    [(rest / 1000n) % 1000n, 'us'],
    [rest % 1000n, 'ns'],
  ];
  return parts.map(([count, unit]) => (count > 0n ? `${count}${unit}` : '')).join('');
}

function nanosOf(trace, record) {
  return trace.instants[trace.instantOf[record]];
}

function instantText(trace, record) {
  return spell(nanosOf(trace, record));
}

function actorText(trace, record) {
  return texts[actorOf(trace, record)];
}

function subjectText(trace, record) {
  const subject = subjectOf(trace, record);
  return subject > 0 ? texts[subject - 1] : '';
}

/** `kind(subject)` and, of an event, its repeat. */
function whatText(trace, record) {
  const subject = subjectOf(trace, record);
  const kind = texts[kindOf(trace, record)] + (subject > 0 ? `(${texts[subject - 1]})` : '');
  switch (trace.origin[record]) {
    case EVENT: return `${kind}#${trace.repeat[record]}`;
    case CANCELLED: return `cancelled ${kind}`;
    case MOVED: return `moved ${kind}`;
    default: return kind;
  }
}

/** `actor/kind(subject)#repeat`: an event's name as constraints and diffs spell it. */
function nameText(trace, record) {
  return `${actorText(trace, record)}/${whatText(trace, record)}`;
}

/** Key and value of each fact. */
function factsOf(trace, record) {
  const list = trace.lists[trace.facts[record]];
  const facts = [];
  for (let at = 0; at < list.length; at += 2) facts.push([texts[list[at]], texts[list[at + 1]]]);
  return facts;
}

function factsText(trace, record) {
  return factsOf(trace, record)
    .map(([key, value]) => (key === 'result' ? `-> ${value}` : `${key}=${value}`))
    .join(' ');
}

/** `[2/3]`, or nothing if there was no alternative. */
function tieText(trace, record) {
  return isTie(trace, record) ? `[${trace.place[record]}/${trace.of[record]}]` : '';
}

function originText(trace, record) {
  return ['event', 'note', 'cancelled event', 'moved event'][trace.origin[record]];
}

/** One sentence about a record, for screen readers. */
function sentence(trace, record) {
  const parts = [`${originText(trace, record)} ${record}, at ${instantText(trace, record)}: ${nameText(trace, record)}`];
  if (isTie(trace, record)) parts.push(`choice ${trace.place[record]} of ${trace.of[record]}`);
  const facts = factsText(trace, record);
  if (facts) parts.push(facts);
  if (isEvent(trace, record) && trace.cause[record] > 0) parts.push(`caused by ${nameText(trace, trace.cause[record])}`);
  return parts.join('; ');
}

function counted(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** The side of a comparison by its letter: `A` or `B`. */
function letterOf(side) {
  return side === 0 ? 'A' : 'B';
}

const MARK_WORDS = ['same', 'changed', 'moved', 'moved', 'only in A', 'only in B'];
const MARK_SIGNS = ['', '≠', '⤨', '⤨', '−', '+'];
const MARK_CLASSES = ['same', 'changed', 'moved', 'moved', 'left-only', 'right-only'];

/** An element with attributes and children. Texts become text nodes, so that no name is ever read as markup. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') made.addEventListener('click', value);
    else if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

function byId(id) {
  return document.getElementById(id);
}
