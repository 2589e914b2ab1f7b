// The diagram: a lane for each actor, a mark for each record, a bar for each event and what was made during it, arrows from
// cause to effect. It is drawn for the rows that are in the page, and scrolls with them.

/** Width between the two halves of a comparison. */
const GUTTER = 64;
/** An arrow over more rows than this is drawn as its two ends only, unless it belongs to the selection. */
const ARROW_ROWS = 60;
/** How many arrows to effects below the rows in the page are drawn for one event. */
const ARROWS_BELOW = 12;

let colours = {};

/** Reads the colours of the theme; called after a change of theme. */
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ['ground', 'lane', 'ink', 'soft', 'faint', 'event', 'tie', 'accent', 'cause', 'effect', 'left', 'right', 'moved'];
  colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** The width of all lanes, whether they are in sight or not. */
function lanesWidth() {
  return Math.max(view.lanes.length, 1) * LANE_WIDTH[state.zoom];
}

/**
 * Draws the rows from place `first` to before place `end`. The frame says where: the width of the lanes that is in sight,
 * how far they are scrolled, and the context, whose origin is the upper left corner of the first row.
 */
function drawDiagram(context, first, end, frame) {
  for (const side of sides) {
    context.save();
    context.translate(side * (frame.width + GUTTER), 0);
    context.beginPath();
    context.rect(0, 0, frame.width, (end - first) * ROW_HEIGHT[state.zoom]);
    context.clip();
    context.translate(-frame.scroll, 0);
    const part = { context, side, trace: traces[side], first, end, row: ROW_HEIGHT[state.zoom], lane: LANE_WIDTH[state.zoom] };
    drawLanes(part);
    drawBars(part);
    if (state.arrows !== 'none') drawArrows(part);
    drawMarks(part);
    context.restore();
  }
  if (isComparison) drawMoves(context, first, end, frame);
}

function drawLanes({ context, first, end, row, lane }) {
  context.lineWidth = 1;
  context.strokeStyle = colours.lane;
  context.beginPath();
  view.lanes.forEach((_, at) => {
    const x = Math.round(laneX(lane, at)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, (end - first) * row);
  });
  context.stroke();
}

/** Where in a lane its line is: in the middle, but on the left where there are labels. */
function laneX(width, lane) {
  return lane * width + (state.zoom === 'wide' ? 12 : width / 2);
}

function xOf(part, record) {
  const lane = view.laneOf[actorOf(part.trace, record)];
  return lane < 0 ? null : laneX(part.lane, lane);
}

function yOf(part, place) {
  return (place - part.first + 0.5) * part.row;
}

/** Calls back for each record of this side that is in the page, with its place. */
function eachRecord({ side, first, end }, callback) {
  for (let place = first; place < end; place++) {
    const record = items.shown[side][view.visible[place]];
    if (record > 0) callback(record, place);
  }
}

/** A bar from each event to the last of what was made during it, and a line from the bar to each mark in another lane. */
function drawBars(part) {
  const { context, trace } = part;
  let open = { event: 0 };
  const close = () => {
    if (open.event > 0 && open.x !== null) drawBar(part, open);
  };
  eachRecord(part, (record, place) => {
    const event = eventOf(trace, record);
    if (event !== open.event) {
      close();
      open = { event, x: event > 0 ? xOf(part, event) : null, start: place, end: place, isCut: event !== record };
    }
    open.end = place;
    const x = xOf(part, record);
    if (event === record || open.x === null || x === null || x === open.x) return;
    context.strokeStyle = colours.soft;
    context.lineWidth = 1;
    context.setLineDash([1, 3]);
    line(context, open.x, yOf(part, place), x, yOf(part, place));
    context.setLineDash([]);
  });
  close();
}

function drawBar(part, { event, x, start, end, isCut }) {
  const { context, row } = part;
  if (start === end && !isCut) return;
  const half = Math.min(part.row, 23) / 4;
  const isMarked = view.marked[part.side].causes.has(event);
  // An event whose own row is not in the page has an open bar at the top.
  const top = isCut ? yOf(part, start) - row / 2 : yOf(part, start);
  context.fillStyle = colours.ground;
  context.strokeStyle = isMarked ? colours.cause : colours.event;
  context.lineWidth = isMarked ? 2 : 1;
  context.beginPath();
  context.roundRect(x - half, top, half * 2, yOf(part, end) - top + row * 0.32, isCut ? [0, 0, half, half] : half);
  context.fill();
  context.stroke();
}

function line(context, x, y, toX, toY) {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
}

function drawArrows(part) {
  const { trace, side } = part;
  const { record: chosen, causes, effects } = view.marked[side];
  if (state.arrows === 'all') {
    eachRecord(part, (record, place) => {
      if (isEvent(trace, record)) drawSoftArrows(part, record, place);
    });
  }
  for (const record of causes) {
    if (isEvent(trace, record) && trace.cause[record] > 0) drawArrow(part, trace.cause[record], record, 'cause');
  }
  for (const effect of effects) drawArrow(part, chosen, effect, 'effect');
}

/** The arrow to an event, and those from it that end below the rows in the page. */
function drawSoftArrows(part, record, place) {
  const { trace, side } = part;
  const { record: chosen, causes } = view.marked[side];
  const cause = trace.cause[record];
  if (cause > 0 && cause !== chosen && !causes.has(record)) drawArrow(part, cause, record, 'soft');
  if (record === chosen) return;
  let drawn = 0;
  for (const effect of effectsOf(trace, record)) {
    const target = placeOfRecord(side, effect);
    if (target >= part.end && target - place <= ARROW_ROWS && drawn++ < ARROWS_BELOW) drawArrow(part, record, effect, 'soft');
  }
}

/** An arrow is dashed if time passes between cause and effect. */
function drawArrow(part, cause, effect, style) {
  const { context, trace, side } = part;
  const [from, to] = [placeOfRecord(side, cause), placeOfRecord(side, effect)];
  const [x, toX] = [xOf(part, cause), xOf(part, effect)];
  if (from < 0 || to < 0 || x === null || toX === null) return;
  const isMarked = style !== 'soft';
  context.strokeStyle = context.fillStyle = colours[style];
  context.globalAlpha = isMarked ? 1 : 0.62;
  context.lineWidth = style === 'cause' ? 2.5 : isMarked ? 2 : 1;
  context.setLineDash(trace.instantOf[cause] === trace.instantOf[effect] ? [] : [5, 4]);
  const isLong = to - from > ARROW_ROWS && !isMarked;
  const y = isLong ? yOf(part, to) - part.row * 1.4 : yOf(part, from) + 5;
  const tip = yOf(part, to) - 6;
  context.beginPath();
  if (isLong) {
    context.moveTo(toX - 7, y);
    context.quadraticCurveTo(toX - 7, tip - 5, toX - 1, tip);
  } else {
    drawCurve(context, x, y, toX, tip, part.lane);
  }
  context.stroke();
  context.setLineDash([]);
  drawTip(context, toX, tip, isMarked ? 5 : 4);
  context.globalAlpha = 1;
}

/** Within a lane an arrow swings out to the right, so that it does not run along the bars. */
function drawCurve(context, x, y, toX, toY, lane) {
  const bend = Math.min((toY - y) / 2, 60);
  context.moveTo(x, y);
  if (x === toX) {
    const out = x + Math.min(lane * 0.55, 20);
    context.bezierCurveTo(out, y + bend * 0.4, out, toY - bend * 0.6, toX + 1, toY);
  } else {
    context.bezierCurveTo(x, y + bend, toX, toY - bend, toX, toY);
  }
}

function drawTip(context, x, y, size) {
  context.beginPath();
  context.moveTo(x, y + 1);
  context.lineTo(x - size * 0.7, y - size);
  context.lineTo(x + size * 0.7, y - size);
  context.fill();
}

/** A square is an event, a diamond an event that was chosen among several, a dot a note. Shapes tell them apart, not colours. */
function drawMarks(part) {
  const { context, trace, side } = part;
  const size = state.zoom === 'dense' ? 3.4 : 4.6;
  eachRecord(part, (record, place) => {
    const x = xOf(part, record);
    if (x === null) return;
    const y = yOf(part, place);
    const isSelected = record === view.marked[side].record;
    context.lineWidth = 1.5;
    drawMark(context, trace, record, { x, y, size });
    if (isSelected) {
      context.strokeStyle = colours.accent;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, size + 4, 0, Math.PI * 2);
      context.stroke();
    }
    if (state.zoom === 'wide') drawLabel(part, record, x + 12, y);
  });
}

function drawMark(context, trace, record, { x, y, size }) {
  context.beginPath();
  switch (trace.origin[record]) {
    case EVENT:
      context.fillStyle = isTie(trace, record) ? colours.tie : colours.event;
      if (isTie(trace, record)) {
        const reach = size * 1.35;
        context.moveTo(x, y - reach);
        context.lineTo(x + reach, y);
        context.lineTo(x, y + reach);
        context.lineTo(x - reach, y);
      } else {
        context.rect(x - size, y - size, size * 2, size * 2);
      }
      context.fill();
      break;
    case NOTE:
      context.fillStyle = colours.soft;
      context.arc(x, y, size * 0.55, 0, Math.PI * 2);
      context.fill();
      break;
    case CANCELLED:
      context.strokeStyle = colours.ink;
      context.moveTo(x - size, y - size);
      context.lineTo(x + size, y + size);
      context.moveTo(x + size, y - size);
      context.lineTo(x - size, y + size);
      context.stroke();
      break;
    default:
      context.strokeStyle = colours.ink;
      context.moveTo(x - size * 0.6, y - size);
      context.lineTo(x + size, y);
      context.lineTo(x - size * 0.6, y + size);
      context.closePath();
      context.stroke();
  }
}

function drawLabel(part, record, x, y) {
  const { context, trace } = part;
  context.font = `${isEvent(trace, record) ? '600 ' : ''}11px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const text = shortened(context, whatText(trace, record), part.lane - 28);
  // The ground behind the letters keeps lines of other lanes off them.
  context.fillStyle = colours.ground;
  context.globalAlpha = 0.85;
  context.fillRect(x - 2, y - 7, context.measureText(text).width + 4, 14);
  context.globalAlpha = 1;
  context.fillStyle = isEvent(trace, record) ? colours.ink : colours.soft;
  context.fillText(text, x, y);
}

/** A text that is cut to a width, with a mark where it is cut. */
function shortened(context, text, width) {
  // No letter is narrower than this, so that a long name costs no more than a short one.
  const most = text.slice(0, Math.ceil(width / 2));
  if (most === text && context.measureText(text).width <= width) return text;
  let [low, high] = [0, most.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${most.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return `${most.slice(0, low)}…`;
}

/** Between the halves of a comparison: the mark of each row, and a line from where a record ran in A to where in B. */
function drawMoves(context, first, end, { width }) {
  const row = ROW_HEIGHT[state.zoom];
  context.save();
  context.beginPath();
  context.rect(width, 0, GUTTER, (end - first) * row);
  context.clip();
  const y = (place) => (place - first + 0.5) * row;
  const drawn = new Set();
  for (let place = first; place < end; place++) {
    const item = view.visible[place];
    const mark = items.mark[item];
    if (mark !== MOVED_LEFT && mark !== MOVED_RIGHT) continue;
    const other = placeOfRecord(mark === MOVED_LEFT ? 1 : 0, items.partner[item]);
    const [left, right] = mark === MOVED_LEFT ? [place, other] : [other, place];
    if (other < 0 || drawn.has(left)) continue;
    drawn.add(left);
    const isSelected = [left, right].includes(selectedPlace());
    context.strokeStyle = isSelected ? colours.accent : colours.moved;
    context.lineWidth = isSelected ? 3 : 1.5;
    context.beginPath();
    context.moveTo(width + 14, y(left));
    context.bezierCurveTo(width + GUTTER / 2, y(left), width + GUTTER / 2, y(right), width + GUTTER - 14, y(right));
    context.stroke();
  }
  context.restore();
}
