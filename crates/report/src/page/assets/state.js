// What is shown and what is selected. A row of the page is an item: a record, or in a comparison a pair of records.

const SAME = 0;
const CHANGED = 1;
const MOVED_LEFT = 2;
const MOVED_RIGHT = 3;
const ONLY_LEFT = 4;
const ONLY_RIGHT = 5;

/** How many rows stand around a difference where only differences are shown. */
const CONTEXT = 3;

const ZOOMS = ['dense', 'normal', 'wide'];
const ARROWS = ['all', 'selection', 'none'];
const ROW_HEIGHT = { dense: 17, normal: 23, wide: 31 };
const LANE_WIDTH = { dense: 17, normal: 27, wide: 148 };

const isComparison = traces.length === 2;
const sides = isComparison ? [0, 1] : [0];
const items = isComparison ? readRows(source.rows) : allRecords(traces[0].size);
/** Where the two sides part; null in a page with one trace, or if they do not. */
items.divergence = source.divergence ?? null;
/** For each side, the item in which a record is shown; -1 if in none. */
const itemOf = sides.map((side) => invert(items.shown[side], traces[side].size));
const actors = inFirstSight(actorOf);
const kinds = inFirstSight(kindOf);

const state = {
  /** What is selected; record 0 is nothing. */
  side: 0,
  record: 0,
  query: '',
  onlyMatches: false,
  onlyEvents: false,
  onlyDifferences: false,
  zoom: 'normal',
  arrows: 'all',
  hiddenActors: new Set(),
  hiddenKinds: new Set(),
  order: actors.map((actor) => actor.text),
};

/** What follows from the state. */
const view = {
  /** The items that are shown, in order. */
  visible: new Int32Array(0),
  /** For each item its place among them; -1 if it is hidden. */
  placeOf: new Int32Array(0),
  /** For each item whether it is found by the search; null while nothing is searched. */
  found: null,
  /** The places of what is found. */
  foundPlaces: [],
  /** For each text the lane of the actor of that name; -1 if it has none. */
  laneOf: new Int32Array(0),
  /** The actors that have lanes, from left to right. */
  lanes: [],
  /** For each side the record in question, itself and its causes, and what it led to directly. */
  marked: sides.map(() => markedFor(0, 0)),
};

function allRecords(size) {
  const shown = new Int32Array(size);
  for (let item = 0; item < size; item++) shown[item] = item + 1;
  return { count: size, shown: [shown], mark: new Uint8Array(size), partner: null };
}

/** The rows of a comparison. A row of a moved record shows its own side; the other number is its partner. */
function readRows(numbers) {
  const count = numbers.length / 4;
  const rows = {
    count,
    shown: [new Int32Array(count), new Int32Array(count)],
    partner: new Int32Array(count),
    mark: new Uint8Array(count),
  };
  const last = [0, 0];
  for (let item = 0; item < count; item++) {
    const present = numbers[item * 4 + 2];
    const mark = numbers[item * 4 + 3];
    rows.mark[item] = mark;
    for (const side of [0, 1]) {
      if (!(present & (1 << side))) continue;
      last[side] += numbers[item * 4 + side];
      const isPartner = (mark === MOVED_LEFT && side === 1) || (mark === MOVED_RIGHT && side === 0);
      (isPartner ? rows.partner : rows.shown[side])[item] = last[side];
    }
  }
  return rows;
}

function invert(shown, size) {
  const inverse = new Int32Array(size + 1).fill(-1);
  shown.forEach((record, item) => {
    if (record > 0) inverse[record] = item;
  });
  return inverse;
}

/** The actors or kinds of all traces, in the order in which they are first seen, and how many records each has. */
function inFirstSight(textOf) {
  const found = new Map();
  for (const trace of traces) {
    for (let record = 1; record <= trace.size; record++) {
      const text = textOf(trace, record);
      if (!found.has(text)) found.set(text, { text, records: 0 });
      found.get(text).records++;
    }
  }
  return [...found.values()];
}

/** Works out anew what is shown: after a change of filters, of the search, or of the order of the actors. */
function updateView() {
  view.lanes = state.order.filter((actor) => !state.hiddenActors.has(actor));
  view.laneOf = new Int32Array(texts.length).fill(-1);
  view.lanes.forEach((actor, lane) => {
    view.laneOf[actor] = lane;
  });
  view.found = findItems(state.query);
  const isNear = state.onlyDifferences ? nearDifferences() : null;
  const visible = [];
  view.placeOf = new Int32Array(items.count).fill(-1);
  view.foundPlaces = [];
  for (let item = 0; item < items.count; item++) {
    if ((isNear && !isNear[item]) || !isShown(item)) continue;
    view.placeOf[item] = visible.length;
    if (view.found && view.found[item]) view.foundPlaces.push(visible.length);
    visible.push(item);
  }
  view.visible = Int32Array.from(visible);
}

function isShown(item) {
  if (view.found && state.onlyMatches && !view.found[item]) return false;
  return sides.some((side) => {
    const record = items.shown[side][item];
    if (record === 0) return false;
    const trace = traces[side];
    if (state.onlyEvents && !isEvent(trace, record)) return false;
    return !state.hiddenActors.has(actorOf(trace, record)) && !state.hiddenKinds.has(kindOf(trace, record));
  });
}

/** For each item whether it differs or stands near one that does. */
function nearDifferences() {
  const near = new Uint8Array(items.count);
  items.mark.forEach((mark, item) => {
    if (mark !== SAME) near.fill(1, Math.max(item - CONTEXT, 0), item + CONTEXT + 1);
  });
  return near;
}

/** The place of a record among the rows that are shown; -1 if it is hidden. */
function placeOfRecord(side, record) {
  const item = record > 0 ? itemOf[side][record] : -1;
  return item < 0 ? -1 : view.placeOf[item];
}

/** The place of what is selected, or of the next row that is shown; -1 if nothing is selected. */
function selectedPlace() {
  if (state.record === 0) return -1;
  const item = itemOf[state.side][state.record];
  if (item < 0) return -1;
  if (view.placeOf[item] >= 0) return view.placeOf[item];
  return Math.min(lowerBound(view.visible, item), view.visible.length - 1);
}

/** The index of the first entry of a sorted array that is not below a number. */
function lowerBound(sorted, number) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Selects a record, and in a comparison its counterpart; what shows it is told by `main.js`. */
function setSelection(side, record) {
  state.side = side;
  state.record = record;
  view.marked = sides.map((other) => markedFor(other, other === side ? record : counterpartOf(side, record)));
}

function markedFor(side, record) {
  if (record === 0) return { record, causes: new Set(), effects: new Set() };
  const trace = traces[side];
  return { record, causes: new Set(chainOf(trace, record)), effects: new Set(isEvent(trace, record) ? effectsOf(trace, record) : []) };
}

/** The record of the other side that pairs with one; 0 if there is none. */
function counterpartOf(side, record) {
  const item = record > 0 ? itemOf[side][record] : -1;
  if (item < 0) return 0;
  if (item === items.divergence) return recordsAtDivergence()[1 - side];
  const mark = items.mark[item];
  return mark === MOVED_LEFT || mark === MOVED_RIGHT ? items.partner[item] : items.shown[1 - side][item];
}

/** What the two sides have where they part: the first event of each side from there on, or, if they part at a note, the first record. */
function recordsAtDivergence() {
  const isAtEvent = sides.some((side) => {
    const record = items.shown[side][items.divergence];
    return record > 0 && isEvent(traces[side], record);
  });
  return sides.map((side) => {
    for (let item = items.divergence; item < items.count; item++) {
      const record = items.shown[side][item];
      if (record > 0 && (!isAtEvent || isEvent(traces[side], record))) return record;
    }
    return 0;
  });
}
