// The rows: only those in sight and a few around them are elements of the page, whatever the length of the trace.

/** How many rows above and below the rows in sight are in the page. */
const AROUND = 24;

const list = byId('list');
const sizer = byId('sizer');
const diagram = byId('diagram');
/** The rows in the page, by place. */
const rowElements = new Map();
/** The rows in the page, from the first to before the end. */
const shownRange = { first: 0, end: 0 };

/** Columns as wide as what stands in them. Of many instants, some are looked at. */
function fitColumns() {
  const width = (name, lengths) => document.documentElement.style.setProperty(name, `${Math.min(Math.max(...lengths), 20) + 2}ch`);
  const some = traces.flatMap(({ instants }) => {
    const step = Math.ceil(instants.length / 1000);
    return instants.filter((_, at) => at % step === 0);
  });
  width('--at', [4, ...some.map((nanos) => spell(nanos).length)]);
  width('--no', [3, ...traces.map(({ size }) => String(size).length)]);
  width('--actor', [5, ...actors.map(({ text }) => Math.min(texts[text].length, 14))]);
}

/** Makes all rows anew; after this, scrolling only adds and removes some. */
function renderAll() {
  for (const row of rowElements.values()) row.remove();
  rowElements.clear();
  const height = ROW_HEIGHT[state.zoom];
  document.documentElement.style.setProperty('--row', `${height}px`);
  sizer.style.height = `${view.visible.length * height}px`;
  list.setAttribute('aria-rowcount', view.visible.length);
  byId('empty').hidden = view.visible.length > 0;
  byId('empty').textContent = items.count === 0 ? 'This trace has no records.' : 'Nothing to show: all rows are hidden by filters.';
  shownRange.end = -1;
  renderRows();
}

/** Brings the rows in the page up to where the list is scrolled. */
function renderRows() {
  const height = ROW_HEIGHT[state.zoom];
  const top = Math.floor(list.scrollTop / height);
  const bottom = Math.ceil((list.scrollTop + list.clientHeight) / height);
  byId('now').textContent = nowText(top);
  const { length } = view.visible;
  const isCovered = shownRange.first <= top && Math.min(bottom, length) <= shownRange.end;
  if (isCovered && shownRange.end > 0) return;
  shownRange.first = Math.max(Math.min(top, length) - AROUND, 0);
  shownRange.end = Math.min(bottom + AROUND, length);
  for (const [place, row] of rowElements) {
    if (place >= shownRange.first && place < shownRange.end) continue;
    row.remove();
    rowElements.delete(place);
  }
  const added = document.createDocumentFragment();
  for (let place = shownRange.first; place < shownRange.end; place++) {
    if (!rowElements.has(place)) rowElements.set(place, added.appendChild(makeRow(place)));
  }
  sizer.append(added);
  renderDiagram();
}

/** The instant of the row at the top, so that it is in sight in the middle of a long instant too. */
function nowText(top) {
  const item = view.visible[Math.min(top, view.visible.length - 1)];
  if (item === undefined) return '';
  const side = items.shown[0][item] > 0 ? 0 : 1;
  return instantText(traces[side], items.shown[side][item]);
}

function makeRow(place) {
  const item = view.visible[place];
  const mark = items.mark[item];
  const row = element('div', { class: 'row', role: 'row', id: `row-${place}`, 'aria-rowindex': place + 1 });
  row.style.top = `${place * ROW_HEIGHT[state.zoom]}px`;
  row.dataset.place = place;
  if (isComparison) row.classList.add(`mark-${MARK_CLASSES[mark]}`);
  if (view.found?.[item]) row.classList.add('found');
  markRow(row, item);
  row.append(...sides.flatMap((side) => makeCells(side, place, item)));
  if (isComparison) {
    row.insertBefore(makeMarkCell(item), row.querySelector('.side-1'));
  }
  // A line above the first record of each instant.
  if (row.querySelector('.at.new')) row.classList.add('instant');
  row.setAttribute('aria-label', rowLabel(item));
  return row;
}

/** Classes that follow from the selection. */
function markRow(row, item) {
  const isSelected = state.record > 0 && items.shown[state.side][item] === state.record;
  const isIn = (set) => sides.some((side) => items.shown[side][item] > 0 && view.marked[side][set].has(items.shown[side][item]));
  row.classList.toggle('selected', isSelected);
  row.setAttribute('aria-selected', isSelected);
  row.classList.toggle('cause', !isSelected && isIn('causes'));
  row.classList.toggle('effect', isIn('effects'));
}

function rowLabel(item) {
  const parts = [];
  if (isComparison && items.mark[item] !== SAME) parts.push(MARK_WORDS[items.mark[item]]);
  for (const side of sides) {
    const record = items.shown[side][item];
    if (record > 0) parts.push((isComparison ? `${letterOf(side)}: ` : '') + sentence(traces[side], record));
  }
  return parts.join('. ');
}

function makeMarkCell(item) {
  const mark = items.mark[item];
  let sign = MARK_SIGNS[mark];
  if (mark === MOVED_LEFT || mark === MOVED_RIGHT) {
    const other = itemOf[mark === MOVED_LEFT ? 1 : 0][items.partner[item]];
    sign = other > item ? '↓' : '↑';
  }
  const cell = element('span', { class: 'cell mark', role: 'gridcell', title: MARK_WORDS[mark] });
  cell.append(element('span', { class: mark === MOVED_RIGHT ? 'at-right' : mark === MOVED_LEFT ? 'at-left' : '' }, sign));
  if (item === items.divergence) cell.append(element('span', { class: 'first-choice' }, 'first'));
  return cell;
}

/** The record of this side that stands above a row, if it is in sight. */
function recordAbove(side, place) {
  return place > 0 ? items.shown[side][view.visible[place - 1]] : 0;
}

function makeCells(side, place, item) {
  const record = items.shown[side][item];
  const cell = (kind, ...children) => element('span', { class: `cell ${kind} side-${side}`, role: 'gridcell', 'data-side': side }, ...children);
  const lanes = cell('lanes');
  if (record === 0) {
    const blank = cell('text blank', whereText(side, item));
    return ordered(side, { at: cell('at'), no: cell('no'), lanes, actor: cell('actor'), text: blank });
  }
  const trace = traces[side];
  const above = recordAbove(side, place);
  const isNewInstant = above === 0 || trace.instantOf[above] !== trace.instantOf[record];
  const at = cell(isNewInstant ? 'at new' : 'at', isNewInstant ? instantText(trace, record) : '');
  const isOwn = !isEvent(trace, record) && eventOf(trace, record) > 0 && actorOf(trace, eventOf(trace, record)) === actorOf(trace, record);
  const actor = cell(isEvent(trace, record) ? 'actor' : 'actor soft', isOwn ? '' : actorText(trace, record));
  const no = cell('no', String(record));
  return ordered(side, { at, no, lanes, actor, text: cell('text', ...textParts(trace, record)) });
}

/** In a comparison the lanes are on the inner sides, next to each other. */
function ordered(side, { at, no, lanes, actor, text }) {
  if (!isComparison) return [no, at, lanes, actor, text];
  return side === 0 ? [at, no, actor, text, lanes] : [lanes, at, no, actor, text];
}

/** Of a moved record, where the other side has it. */
function whereText(side, item) {
  const mark = items.mark[item];
  const isOther = (mark === MOVED_LEFT && side === 1) || (mark === MOVED_RIGHT && side === 0);
  return isOther ? `number ${items.partner[item]} in ${letterOf(side)}` : '';
}

function textParts(trace, record) {
  const isUnder = !isEvent(trace, record) && eventOf(trace, record) > 0;
  const tie = element('span', { class: 'tie' }, tieText(trace, record));
  const name = element('span', { class: isEvent(trace, record) ? 'name event' : 'name' }, whatText(trace, record));
  const facts = element('span', { class: 'facts' });
  for (const [key, value] of factsOf(trace, record)) {
    if (facts.hasChildNodes()) facts.append(' ');
    facts.append(element('span', { class: 'key' }, key === 'result' ? '→ ' : `${key}=`), element('span', { class: 'value' }, value));
  }
  return [tie, element('span', { class: isUnder ? 'note' : '' }, isUnder ? '· ' : ''), name, facts];
}

/** After a change of the selection: classes and drawing, without making rows anew. */
function refreshRows() {
  for (const [place, row] of rowElements) markRow(row, view.visible[place]);
  const place = selectedPlace();
  if (place >= 0 && rowElements.has(place)) list.setAttribute('aria-activedescendant', `row-${place}`);
  else list.removeAttribute('aria-activedescendant');
  renderDiagram();
}

/** Draws the diagram beside the rows that are in the page. */
function renderDiagram() {
  const { first, end } = shownRange;
  const height = Math.max(end - first, 0) * ROW_HEIGHT[state.zoom];
  const lanes = byId('lanes-0');
  const frame = { width: lanes.clientWidth, scroll: byId('lane-scroll').scrollLeft };
  const width = isComparison ? frame.width * 2 + GUTTER : frame.width;
  diagram.style.left = `${lanes.offsetLeft}px`;
  diagram.style.top = `${first * ROW_HEIGHT[state.zoom]}px`;
  const context = prepared(diagram, width, height);
  drawDiagram(context, first, end, frame);
}

/** The context of a canvas of this size, as sharp as the screen is, and empty. */
function prepared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  return context;
}

/** Scrolls so that a place is in sight; in the middle if it was far away. */
function scrollToPlace(place, where) {
  const height = ROW_HEIGHT[state.zoom];
  const top = place * height;
  const isInSight = top >= list.scrollTop + height && top + height * 2 <= list.scrollTop + list.clientHeight;
  if (where !== 'middle' && isInSight) return;
  const isNear = Math.abs(top - list.scrollTop - list.clientHeight / 2) < list.clientHeight * 0.75;
  if (where === 'middle' || !isNear) list.scrollTop = top - list.clientHeight / 2 + height / 2;
  else if (top < list.scrollTop + height) list.scrollTop = top - height;
  else list.scrollTop = top + height * 2 - list.clientHeight;
  renderRows();
}

/** Scrolls the lanes so that the lane of a record is in sight. */
function scrollToLane(trace, record) {
  const lane = view.laneOf[actorOf(trace, record)];
  const scroll = byId('lane-scroll');
  const [left, width] = [lane * LANE_WIDTH[state.zoom], LANE_WIDTH[state.zoom]];
  if (lane < 0) return;
  if (left < scroll.scrollLeft) scroll.scrollLeft = left;
  else if (left + width > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = left + width - scroll.clientWidth;
}
