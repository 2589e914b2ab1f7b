'use strict';
// Reads the data of the page: what data.rs has written, as arrays that are indexed by record number, from 1.

const EVENT = 0;
const NOTE = 1;
const CANCELLED = 2;
const MOVED = 3;
/** The cause of a record that names an event which the trace does not have. */
const UNKNOWN = -1;

const source = JSON.parse(document.getElementById('data').textContent);
const texts = source.texts;
const traces = source.traces.map(readTrace);

function readTrace(columns) {
  const size = columns.origins.length;
  const trace = {
    size,
    name: columns.name,
    header: columns.header,
    fingerprint: columns.fingerprint,
    names: columns.names,
    nameCount: columns.names.length / 3,
    origin: new Uint8Array(size + 1),
    what: new Int32Array(size + 1),
    facts: new Int32Array(size + 1),
    instantOf: new Int32Array(size + 1),
    cause: new Int32Array(size + 1),
    repeat: new Float64Array(size + 1),
    place: new Float64Array(size + 1),
    of: new Float64Array(size + 1),
    isTwin: new Uint8Array(size + 1),
    /** Nanoseconds since the start of each instant: more digits than a number of JavaScript has. */
    instants: [],
    /** The first record of each instant. */
    firstOf: [],
    /** The numbers of the records that are events, in order. */
    events: [],
    lists: readLists(columns.lists),
    effects: null,
  };
  readInstants(trace, columns);
  readRecords(trace, columns);
  readTies(trace, columns.ties);
  return trace;
}

/** The lists of facts, each as key, value, key, value; the list 0 is empty. */
function readLists(numbers) {
  const lists = [[]];
  for (let at = 0; at < numbers.length; ) {
    const end = at + 1 + numbers[at] * 2;
    lists.push(numbers.slice(at + 1, end));
    at = end;
  }
  return lists;
}

function readInstants(trace, { instants }) {
  let nanos = 0n;
  let record = 1;
  for (let at = 0; at < instants.length; at += 2) {
    nanos += BigInt(instants[at]);
    trace.instantOf.fill(trace.instants.length, record, record + instants[at + 1]);
    trace.instants.push(nanos);
    trace.firstOf.push(record);
    record += instants[at + 1];
  }
}

function readRecords(trace, columns) {
  const letters = { e: EVENT, n: NOTE, c: CANCELLED, m: MOVED };
  const counts = new Float64Array(trace.nameCount);
  const under = sparse(columns.under, 2);
  const repeats = sparse(columns.repeats, 2);
  const { events } = trace;
  let [nextName, nextList] = [0, 1];
  for (let record = 1; record <= trace.size; record++) {
    // What is new is told by a small number; what was there before, by how long ago it was new.
    const whatBack = columns.what[record - 1];
    const what = whatBack === 0 ? nextName++ : nextName - whatBack;
    trace.what[record] = what;
    const listBack = columns.facts[record - 1];
    trace.facts[record] = listBack === 0 ? 0 : listBack === 1 ? nextList++ : nextList + 1 - listBack;
    trace.origin[record] = letters[columns.origins[record - 1]];
    let back = 1;
    if (trace.origin[record] === EVENT) {
      back = columns.causes[events.length];
      counts[what] = repeats.has(record) ? repeats.get(record)[0] : counts[what] + 1;
      trace.repeat[record] = counts[what];
    } else if (under.has(record)) {
      back = under.get(record)[0];
    }
    trace.cause[record] = back > 0 ? events[events.length - back] : back;
    if (trace.origin[record] === EVENT) events.push(record);
  }
}

function readTies(trace, numbers) {
  for (const [record, [place, of]] of sparse(numbers, 3)) {
    trace.place[record] = place + 1;
    trace.of[record] = Math.floor(of / 2);
    trace.isTwin[record] = of % 2;
  }
}

/** A column that has entries for few records: steps from one record to the next, then what is said of it. */
function sparse(numbers, width) {
  const entries = new Map();
  let record = 0;
  for (let at = 0; at < numbers.length; at += width) {
    record += numbers[at];
    entries.set(record, numbers.slice(at + 1, at + width));
  }
  return entries;
}

/** The text of a record's actor, as an index into `texts`. */
function actorOf(trace, record) {
  return trace.names[trace.what[record] * 3];
}

function kindOf(trace, record) {
  return trace.names[trace.what[record] * 3 + 1];
}

/** One more than the index of the text; 0 if there is no subject. */
function subjectOf(trace, record) {
  return trace.names[trace.what[record] * 3 + 2];
}

function isEvent(trace, record) {
  return trace.origin[record] === EVENT;
}

function isTie(trace, record) {
  return trace.of[record] > 0;
}

/** The event that a record stands under: itself, or the one during which it was made; 0 if that was outside every event. */
function eventOf(trace, record) {
  return isEvent(trace, record) ? record : Math.max(trace.cause[record], 0);
}

/** What was noted, cancelled or moved during an event. */
function notesOf(trace, event) {
  const notes = [];
  for (let record = event + 1; record <= trace.size && !isEvent(trace, record); record++) {
    if (trace.cause[record] === event) notes.push(record);
  }
  return notes;
}

/** The events that an event led to, in order. */
function effectsOf(trace, event) {
  trace.effects ??= readEffects(trace);
  const { starts, list } = trace.effects;
  return list.subarray(starts[event], starts[event + 1]);
}

/** All effects in one array, by their causes, and where those of each cause begin. */
function readEffects(trace) {
  const starts = new Int32Array(trace.size + 2);
  const caused = trace.events.filter((event) => trace.cause[event] > 0);
  for (const event of caused) starts[trace.cause[event] + 1]++;
  for (let record = 1; record < starts.length; record++) starts[record] += starts[record - 1];
  const next = starts.slice();
  const list = new Int32Array(caused.length);
  for (const event of caused) list[next[trace.cause[event]]++] = event;
  return { starts, list };
}

/** A record and what led to it, back to what came from outside the run: the record itself first. */
function chainOf(trace, record) {
  const chain = [];
  for (let at = record; at > 0; at = trace.cause[at]) chain.push(at);
  return chain;
}
